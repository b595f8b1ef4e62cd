"""Names and help of the settings that models, rerankers and controls declare, English to Chinese; see `ui.words.told`."""

SETTINGS = {
    # what models are
    "Tastes shared by many shoppers, found by matrix factorisation.": "许多顾客共有的口味，由矩阵分解得出。",
    "Weighs each past event by how much it tells of the item in question, and shows the weights.": (
        "按每条过往事件对该商品的说明力加权，并展示权重。"
    ),
    "What is taken next and what goes together, mixed into one score that splits exactly among past events.": (
        "把“接下来选什么”与“什么相配”合成一个分数，可精确分摊到过往事件。"
    ),
    "Ranks what shoppers took above what they left, from the mix of their past items.": ("根据过往商品的组合，把顾客选的排在没选的之上。"),
    "Items whose titles, categories and brands are like what the shopper took.": "标题、类别和品牌与顾客选过的相似的商品。",
    "Which purchases predict which, solved at once for the whole catalogue.": "哪些购买预示哪些购买，对全部商品一次求解。",
    "Several models vote; the votes are weighted by how well each foretold what shoppers took next.": (
        "多个模型投票，按各自预测下一次选择的准确度加权。"
    ),
    "Items within reach through shoppers alike, and through the broad patterns of the whole shop.": (
        "经由相似顾客以及全店的大致规律可以到达的商品。"
    ),
    "Items that the same shoppers took as well.": "同一批顾客也选的商品。",
    "Learned tastes that spread from items to shoppers and back.": "学到的口味在商品与顾客之间来回传播。",
    "A small network judges how well an item suits the mix of past items.": "用小型网络判断商品与过往商品组合是否相配。",
    "What shoppers chose most lately, the same list for everybody.": "近来选得最多的商品，人人列表相同。",
    "What is chosen most at this time of day, week and year, by shoppers with the same favourite category.": (
        "偏爱同一类别的顾客在此时段、星期和季节选得最多的商品。"
    ),
    "A transformer reads the latest events of a shopper in order and predicts the next item.": (
        "用 Transformer 按次序读取顾客的最近事件，预测下一件商品。"
    ),
    "Items whose titles mean what the titles of this history mean, in any language.": "标题含义与此历史相近的商品，不限语言。",
    "What shoppers took next and what reads like it, mixed with what reads like the history; new items included.": (
        "顾客接下来选的及文字相近的商品，再混合与历史文字相近的商品，包括新品。"
    ),
    "What shoppers took next after the latest things in this history.": "在此历史的最新商品之后，顾客接下来选的商品。",
    "Reads item texts with a language model that has learned from what shoppers chose; new items included.": (
        "用学过顾客选择的语言模型读取商品文字，包括新品。"
    ),
    "What shoppers with the most similar histories took.": "历史最相似的顾客选的商品。",
    "Several models propose, one ranker decides: the chance that the shopper takes the item in the next weeks.": (
        "多个模型提名，一个排序器决定：顾客未来几周选购该商品的概率。"
    ),
    # what settings do
    "Numbers that describe each item. More fit finer tastes and cost time.": "描述每件商品的数值个数。越多越能贴合细微口味，也更耗时。",
    "Sweeps over shoppers and items; tuning keeps the number that ranks best.": "遍历顾客和商品的次数；调参保留排名最好的次数。",
    'How strongly an item that a shopper did not take counts as a "no".': "顾客没选的商品在多大程度上算作“不要”。",
    "Pulls all factors towards zero.": "把所有因子拉向零。",
    "How much the regularisation grows with the number of events: 0 is the same for all, 1 in proportion.": (
        "正则化随事件数增长的程度：0 为一律相同，1 为成比例。"
    ),
    "How several events of one shopper on one item count together.": "同一顾客对同一商品的多条事件如何合计。",
    "Passes over the events; tuning keeps the number that ranks best.": "遍历事件的次数；调参保留排名最好的次数。",
    "Epochs without a better validation ranking before tuning stops.": "验证排名多少轮没有变好就停止调参。",
    "Histories learned at once.": "一次学习的历史数。",
    "Size of a step. Too large and the loss explodes, too small and nothing is learned.": "每步的大小。太大则损失发散，太小则学不到东西。",
    "Pulls all parameters towards zero, by this share of a step. More for little data.": "每步按此比例把参数拉向零。数据少时调大。",
    "Use the mean of the network over about so many last epochs, which is steadier than its last step. 0 takes the last step.": (
        "取最后约这么多轮的网络均值，比最后一步更稳。0 为取最后一步。"
    ),
    "Days after which a choice counts half as an example. 0 counts all alike.": "一次选择作为样本减半的天数。0 为同等计数。",
    "Half-life of what counts as wanted now; scores follow it. 0 keeps to what was learned.": (
        "当前需求的半衰期，分数随之变化。0 为只用所学。"
    ),
    "Numbers that describe what an event tells of an item. More tell more apart, and need more events and time.": (
        "描述事件对商品说明力的数值个数。越多分得越细，也需要更多事件和时间。"
    ),
    "Numbers that decide how much an event counts for an item.": "决定事件对商品权重的数值个数。",
    "Newest events of a shopper that are read.": "读取每位顾客的最新事件数。",
    "1 shares one whole of attention among all events; below 1, long histories may say more in total.": (
        "1 为所有事件分摊一份注意力；低于 1 时，长历史总体说得更多。"
    ),
    "Learn from what was taken at the same moment too, such as one order, and not only from what came before.": (
        "也学习同一时刻（如同一订单）选购的商品，而不只学习之前的。"
    ),
    "Items drawn for each batch, that everything taken is told apart from.": "每批抽取的商品数，用来与选购的商品区分。",
    "Share of past events left out at random while learning. More for little data.": "学习时随机略去的过往事件比例。数据少时调大。",
    "Models to mix; each must be able to split its score among past events.": "要混合的模型；每个都须能把分数分摊到过往事件。",
    "Taken in place of a part that refuses this data, such as EASE for a very large catalogue.": (
        "某个模型不适用此数据时的替代，例如商品极多时的 EASE。"
    ),
    "Settings of single parts by model name; defaults where nothing is said.": "按模型名称给出的单独设置；未给出的用默认值。",
    "Weights by model name, each part's scores first brought to one scale. Empty: learned from hidden last moments.": (
        "按模型名称给出的权重，各模型分数先统一刻度。留空：从隐藏的最后时刻学习。"
    ),
    "Shoppers whose last moment is hidden to learn the weights.": "隐藏最后时刻用来学习权重的顾客数。",
    "Passes over the shoppers; tuning keeps the number that ranks best.": "遍历顾客的次数；调参保留排名最好的次数。",
    "Shoppers learned at once.": "一次学习的顾客数。",
    "Numbers that describe an item and a shopper. More tell more apart, and need more events and time.": (
        "描述商品和顾客的数值个数。越多分得越细，也需要更多事件和时间。"
    ),
    "How the size of a history counts: 0 adds its items up, 1 takes their mean.": "历史长度如何计入：0 为相加，1 为取均值。",
    "Width of a small layer that reads the pooled history; 0 leaves it out.": "读取汇总历史的小层宽度；0 为不用。",
    "Share of past items left out at random while learning. More for little data.": "学习时随机略去的过往商品比例。数据少时调大。",
    "Draw them all alike, or popular ones more often, which are harder to tell apart.": "同等抽取，或更多抽取较难区分的热门商品。",
    "Newest events of a history that are read.": "读取历史中的最新事件数。",
    "The r-th newest event counts r^-decay; 0 counts all alike and ignores the order.": (
        "第 r 新的事件按 r^-衰减 计；0 为同等计数、忽略次序。"
    ),
    "Words on fewer items are left out.": "出现在更少商品上的词会略去。",
    "Added to every item's own count: higher trusts rare co-purchases less.": "加到每件商品自身的计数上：越高越不信罕见的同购。",
    "When scoring, the r-th newest moment of a history counts r^-decay. 0 counts old and new alike.": (
        "打分时，第 r 新的时刻按 r^-衰减 计。0 为新旧同等。"
    ),
    "Models to join; those that cannot be trained on this data are left out.": "要联合的模型；无法在此数据上训练的会略去。",
    "Scores keep how sure a model is; ranks only keep its order, and no model can shout the others down.": (
        "分数保留模型的把握；名次只保留次序，没有模型能压倒其他模型。"
    ),
    "Ranks only: the higher, the less the first places stand out.": "仅用于名次：越高，前几位越不突出。",
    "Ranks only: places of each model's list that count.": "仅用于名次：每个模型列表中计入的位置数。",
    "Broad patterns of the shop that smooth the scores. Large catalogues carry more of them; each costs time.": (
        "用来平滑分数的全店规律数。商品越多可用越多，也更耗时。"
    ),
    "How much the broad patterns count beside direct paths. 0 leaves them out.": "大致规律相对直接路径的权重。0 为不用。",
    "Holds the very broadest patterns back, in which everybody is alike: the higher, the more. 0 counts all patterns alike.": (
        "压低人人相同的最宽泛规律，越高压得越多。0 为同等计数。"
    ),
    "Divides a path by the size of the shopper's history it leads through, to this power.": "路径除以所经顾客历史长度的此次幂。",
    "Divides by the popularity of the item a path starts from, to this power.": "除以路径起点商品热门程度的此次幂。",
    "Divides by the popularity of the item a path leads to, to this power. Higher brings rarer items forward.": (
        "除以路径终点商品热门程度的此次幂。越高，少见商品越靠前。"
    ),
    "Items kept beside each item, strongest first. Bounds the memory.": "每件商品保留的邻近商品数，最强的在前。用于限制内存。",
    "BM25 damps popular items and shoppers who take everything; BM25 of items damps both more; cosine evens out popularity alone.": (
        "BM25 抑制热门商品和什么都选的顾客；商品 BM25 抑制更强；余弦只抵消热门程度。"
    ),
    "Items kept as neighbours of each item.": "每件商品保留的邻居数。",
    "BM25 only (k1): how slowly repeated purchases stop counting, and how much the size of a history matters.": (
        "仅 BM25（k1）：重复购买多慢才不再计入，以及历史长度的影响。"
    ),
    "BM25 only (b): 0 lets every shopper (or item) speak alike, 1 divides by the size of their history (or audience).": (
        "仅 BM25（b）：0 为每位顾客（或商品）同等发言，1 为除以其历史（或受众）大小。"
    ),
    "Cosine only: pairs with few common shoppers are pulled towards zero.": "仅余弦：共同顾客少的商品对被拉向零。",
    "Divides what a past item says by its popularity, to this power: rare things of a history tell more of a shopper.": (
        "过往商品的说明力除以其热门程度的此次幂：历史中少见的商品更能说明顾客。"
    ),
    "Shopper and item pairs learned at once. Each step walks the whole graph, so large batches are quicker.": (
        "一次学习的顾客与商品对数。每步都遍历整张图，批越大越快。"
    ),
    "Times that item vectors spread to their takers and back. 0 learns from each shopper's own items alone.": (
        "商品向量传到选购者再传回的次数。0 为只从各顾客自己的商品学习。"
    ),
    "Softmax learns from many items left at once, BPR from one at a time.": "Softmax 一次对照多件未选商品，BPR 一次一件。",
    "Items drawn for each batch that count as not taken; softmax only.": "每批抽取视为未选的商品数；仅 softmax。",
    "Softmax only. Lower separates harder and listens to rarer tastes.": "仅 softmax。越低区分越强，越顾及小众口味。",
    "Numbers that describe an item and a shopper, half of them for the product and half for the network.": (
        "描述商品和顾客的数值个数，一半用于乘积，一半用于网络。"
    ),
    "Width of the first layer of the network; the second has half of it.": "网络第一层的宽度；第二层减半。",
    "Share of the network's units left out at random while learning.": "学习时随机略去的网络单元比例。",
    "Days after which an event counts half. 0 counts all events alike.": "一条事件减半计数的天数。0 为同等计数。",
    "Days after which an event counts half for the popularity itself. 0 counts all events alike.": (
        "计算热门程度时事件减半的天数。0 为同等计数。"
    ),
    "Tell the hours of the day apart, by the clock of the file.": "按文件中的时间区分一天中的时段。",
    "Tell the days of the week apart.": "区分一周中的各天。",
    "Tell the months apart, where the events cover at least a year.": "事件至少覆盖一年时，区分月份。",
    "Tell shoppers apart by the category they take most from.": "按顾客选得最多的类别区分人群。",
    'Events that speak for "no difference" in every comparison. Higher trusts rare items less.': (
        "每次比较中代表“没有差异”的事件数。越高越不信少见商品。"
    ),
    "Histories learned at once. Small shops need small batches to take enough steps.": "一次学习的历史数。小店需要小批，才有足够的步数。",
    "Rounds of attention over the history.": "对历史做注意力的层数。",
    "Parts of the attention that look for different things; divides the number of factors.": "注意力分头的数量，须整除因子数。",
    "Width of the part between two rounds of attention, in multiples of the factors.": "两层注意力之间的宽度，为因子数的倍数。",
    "Share of numbers left out at random while learning. More for little data.": "学习时随机略去的数值比例。数据少时调大。",
    "How a round changes what it reads: added as it is, or through a learned gate.": "每层如何改变读到的内容：直接相加，或经学到的门控。",
    "How the order is told: a learned vector for each place, or by turning with the distance.": (
        "如何表示次序：每个位置一个学到的向量，或随距离旋转。"
    ),
    "What the next item is told apart from: every item, or drawn ones. Automatic takes every item up to 20,000.": (
        "下一件商品与什么区分：全部商品或抽取的商品。自动时不超过 20,000 件用全部。"
    ),
    "Drawn items the next item is told apart from, where not every item is.": "不用全部商品时，用来区分的抽取商品数。",
    "Read the time between events, from the same moment to years.": "读取事件之间的时间，从同一时刻到数年。",
    "Read what the shopper did: viewed, put in the cart, bought.": "读取顾客的行为：浏览、加购、购买。",
    "Learn from the whole of a long history, in several parts, instead of its newest events alone.": (
        "把长历史分段全部学习，而不只学最新的事件。"
    ),
    "Days after which an event counts half as an example. 0 counts all alike.": "一条事件作为样本减半的天数。0 为同等计数。",
    "Half-life of what counts as wanted now; scores follow it. 0 leaves demand out, so that only the history speaks.": (
        "当前需求的半衰期，分数随之变化。0 为不计需求，只看历史。"
    ),
    "Learn to predict items the shopper has taken before. Lists of new ideas do better without.": (
        "学习预测顾客选过的商品。若列表只给新点子，不用更好。"
    ),
    "Folder or Hugging Face name of the language model; empty takes the one that is installed with Merchlens.": (
        "语言模型的文件夹或 Hugging Face 名称；留空则用随 Merchlens 安装的模型。"
    ),
    "How far the directions of the texts are evened out: 1 ranks best in most shops, 0 leaves them as the language model has them.": (
        "把文字向量的方向拉匀到什么程度：1 在多数店铺排名最好，0 为保持语言模型原样。"
    ),
    "Let the data choose: hides the last moment of some shoppers and keeps what guesses it best. Takes ten to fifteen times as long.": (
        "由数据选择：隐藏部分顾客的最后时刻，保留猜得最准的设置。用时为十到十五倍。"
    ),
    "Distance in events, or in distinct moments: everything bought at one time is then one step.": (
        "按事件或按不同时刻计距离：按时刻时，同时购买的算一步。"
    ),
    'Steps ahead that still count as "next".': "多少步以内仍算“接下来”。",
    "An item d steps ahead counts d^-decay.": "前方第 d 步的商品按 d^-衰减 计。",
    'How much a pair counts the other way round as well: 0 is strictly "next", 1 ignores the direction.': (
        "商品对反向也计多少：0 为严格“接下来”，1 为忽略方向。"
    ),
    "Weight of two items of the same moment, in either direction. No effect when a step is an event.": (
        "同一时刻两件商品的权重，不分方向。按事件计步时无效。"
    ),
    "Divides by the number of items of the moment, to this power: large orders tell less of each pair.": (
        "除以该时刻商品数的此次幂：大订单对每对商品说明较少。"
    ),
    "Days between two events after which their pair counts half. 0 ignores how much time lies between.": (
        "两条事件相隔多少天后减半计数。0 为不计间隔。"
    ),
    "Strength of each behaviour to this power: 0 counts views like purchases, above 1 purchases stand out more.": (
        "各行为强度的此次幂：0 为浏览与购买同等，大于 1 时购买更突出。"
    ),
    "Divides by the popularity of the item before, to this power.": "除以前一件商品热门程度的此次幂。",
    "Divides by the popularity of the item after, to this power.": "除以后一件商品热门程度的此次幂。",
    "Newest steps of a history that are read.": "读取历史中的最新步数。",
    "The r-th newest step counts r^-decay.": "第 r 新的一步按 r^-衰减 计。",
    "Choose how much texts count on the last weeks of the events, where enough shoppers bought something new in them.": (
        "若最后几周有足够顾客购买新品，用这几周选择文字的权重。"
    ),
    "How much likeness of texts counts beside steps; used where it is not chosen.": "文字相似度相对步的权重；未由数据选择时使用。",
    "Items of like text that a step reaches beyond the item shoppers took next; 0 stays with what was taken.": (
        "除顾客接下来选的商品外，一步还能到达的文字相近商品数；0 为只看已选。"
    ),
    "How much a step on to items of like text counts beside the step itself.": "走到文字相近商品的一步相对原步的权重。",
    "Higher values lead on to the most alike items alone.": "越高越只通向最相似的商品。",
    "How far the directions of the texts are evened out.": "把文字向量的方向拉匀到什么程度。",
    "For the likeness of texts, the r-th newest event counts r^-decay.": "计算文字相似度时，第 r 新的事件按 r^-衰减 计。",
    "Passes over the moments at which somebody bought; tuning keeps the number that ranks best.": (
        "遍历购买时刻的次数；调参保留排名最好的次数。"
    ),
    "Moments learned at once. What was chosen at one is what the others are told apart from.": (
        "一次学习的时刻数。一个时刻所选的商品用来与其他时刻区分。"
    ),
    "Pulls all parameters towards zero.": "把所有参数拉向零。",
    "What of the language model learns. None is quick; LoRA, AdaLoRA and prefix learn a little of it, full all of it, on a GPU at best.": (
        "语言模型的哪些部分参与学习。不学最快；LoRA、AdaLoRA 和前缀只学一点，full 学全部，最好用 GPU。"
    ),
    "Size of what is added to the language model: rank of LoRA and AdaLoRA, learned places of prefix.": (
        "加到语言模型上的大小：LoRA 和 AdaLoRA 的秩，前缀的位置数。"
    ),
    "Numbers that describe an item and a shopper; 0 takes as many as the language model has, and starts from likeness of texts.": (
        "描述商品和顾客的数值个数；0 为与语言模型相同，并从文字相似度开始。"
    ),
    "Width of the layer that reads a history; 0 leaves it out.": "读取历史的层的宽度；0 为不用。",
    "Items of one moment that are asked for in an epoch.": "每轮中对一个时刻询问的商品数。",
    "Further items that a batch is told apart from, drawn from all that were ever taken; 0 uses those of the batch alone.": (
        "每批另外用来区分的商品数，从所有选购过的商品中抽取；0 为只用本批的商品。"
    ),
    "Moments learned in an epoch, drawn anew each time; 0 learns all. Bounds the time where the language model learns too.": (
        "每轮学习的时刻数，每次重新抽取；0 为全部。语言模型参与学习时用来限制时间。"
    ),
    "How sharply the best item is told from others at the start; learned from there.": "开始时区分最佳商品的锐度，之后由学习得出。",
    "For the long memory, the r-th newest event counts r^-decay.": "长期记忆中，第 r 新的事件按 r^-衰减 计。",
    "The same for the short memory.": "短期记忆的同一设置。",
    "Shoppers alike who vote.": "参与投票的相似顾客数。",
    "Whether rare items in common tell more of likeness than popular ones.": "共有的少见商品是否比热门商品更能说明相似。",
    "Likeness counts to this power. Higher listens to the closest neighbours only, 0 to all neighbours alike.": (
        "相似度的此次幂。越高越只听最近的邻居，0 为同等听取。"
    ),
    "Pulls the likeness of shoppers with few events towards zero.": "把事件少的顾客的相似度拉向零。",
    "Divides the vote of a neighbour by the size of their history, to this power.": "邻居的投票除以其历史长度的此次幂。",
    "Models that recall candidates; those that cannot be trained on this data are left out.": (
        "召回候选商品的模型；无法在此数据上训练的会略去。"
    ),
    "Whose chance ranks the list; auto takes purchases where there are any, else the strongest behaviour of the log.": (
        "按哪种行为的概率排序；自动时有购买用购买，否则用日志中最强的行为。"
    ),
    "Settings of single generators by model name; defaults where nothing is said.": "按模型名称给出的召回设置；未给出的用默认值。",
    "Items each generator puts forward for a shopper.": "每个召回模型为一位顾客提名的商品数。",
    "Items that single generators put forward, by model name, where it is not `candidates`.": (
        "单个召回模型的提名数，按模型名称给出，与“候选数”不同时填写。"
    ),
    "What weighs the signals: boosted trees, logistic regression (simplest to read) or a small neural network.": (
        "用什么权衡信号：提升树、逻辑回归（最易读）或小型神经网络。"
    ),
    "Length of the window whose choices are the labels, as a share of the whole period.": "以其选择为标签的窗口长度，占整个时段的比例。",
    "Windows learned from at most, the newest first.": "最多学习的窗口数，最新的在前。",
    "New choices to learn from: older windows are added until there are so many. Each one fits every generator once more.": (
        "要学习的新选择数：逐个加入更早的窗口直到足够。每个窗口都要重新训练各召回模型。"
    ),
    "Shoppers of a window the ranker learns from; drawn at random where there are more.": (
        "排序器在一个窗口中学习的顾客数；超出时随机抽取。"
    ),
    "Candidates without a choice kept per shopper; the others are counted through weights.": ("每位顾客保留的未选候选数；其余用权重计入。"),
    "Trees of the ranker.": "排序器中树的数量。",
    "Questions a tree asks in a row.": "一棵树连续提问的次数。",
    "How far each tree moves the score.": "每棵树移动分数的幅度。",
    "Smallest number of candidates in a leaf.": "一片叶子中候选数的下限。",
    "Pulls leaves, and the weights of logistic regression, with little evidence to zero.": "把证据少的叶子和逻辑回归权重拉向零。",
    "Measure what each group of signals adds, by learning without it; takes some seconds more.": (
        "去掉每组信号重新学习，以测量其贡献；多用几秒。"
    ),
    # what the controls of a policy do
    "How much rarely bought items are preferred, by their bits of surprise.": "对少有人买的商品的偏好，按其意外程度（比特）。",
    "What an item gets for standing outside the few that hold 80 % of all events.": "商品不在占全部事件 80% 的少数商品之内时的加分。",
    "How much new items are preferred, by the days since the log first shows them.": "对新品的偏好，按日志首次出现以来的天数。",
    "Days after which freshness has fallen to one half.": "新鲜度降到一半的天数。",
    "How much price bands are preferred that are rare among the shopper's own candidates.": "对该顾客候选中少见价格带的偏好。",
    "Share of the candidates that compete with a number drawn by lot instead of their relevance.": (
        "不按相关度而按随机数参与竞争的候选比例。"
    ),
    "Another seed draws other lots; the same seed gives the same lists.": "换种子则换随机结果；同一种子得到同样的列表。",
    "Never show what the shopper has bought.": "永不展示顾客买过的商品。",
    "Bought items come back after this many days; empty = never.": "买过的商品在这么多天后重新出现；留空 = 不再出现。",
    "Hide what the shopper was shown this many times; empty = never. Needs impressions in the log.": (
        "展示这么多次后隐藏；留空 = 不隐藏。日志中须有曝光记录。"
    ),
    "Only what was shown in this many days counts.": "只计这么多天内的展示。",
    # how a list is chosen
    "Taking turns": "轮流展示",
    "By score alone": "只按分数",
    "Like the shopper's own mix": "贴合顾客自己的构成",
    "Variety of the whole list": "整份列表的多样性",
    "No near-copies": "避免雷同",
    "Alike items apart": "相似商品隔开",
    "Every interest in turn": "兼顾每种兴趣",
    "Categories take turns; inside a turn the scores decide. Items without a category are a group each.": (
        "各类别轮流，一轮之内由分数决定。没有类别的商品各成一组。"
    ),
    "The order of the scores, with the controls and rules; nothing is done for variety.": (
        "按分数次序，加上控制项和规则；不为多样性做任何事。"
    ),
    "A shopper who buys one third tea gets about one third tea.": "三分之一买茶的顾客，列表里约有三分之一是茶。",
    "Each next item counts by what it adds to everything the list already covers, not to one neighbour alone.": (
        "下一件商品看它对整份列表的补充，而不只看某一件。"
    ),
    "Each next item is held against the most similar one that the list already has.": "下一件商品与列表中最相似的一件相比。",
    "No two alike items stand within a few places of each other; the rest follows the scores.": (
        "相似的商品不会出现在相邻几位之内，其余按分数。"
    ),
    "What the shopper cares for comes first, and counts less each time it has been served.": ("顾客在意的先来，每满足一次便少计一些。"),
    "What takes turns: categories, brands or price bands.": "什么轮流：类别、品牌或价格带。",
    "Items of one group before the next turn begins.": "轮到下一组之前，同组的商品数。",
    "Weight of the shopper's own mix against relevance: 0 keeps the order of the scores, 1 looks at the mix alone.": (
        "顾客自己的构成相对相关度的权重：0 保持分数次序，1 只看构成。"
    ),
    "What the mix is made of: categories, brands or price bands.": "构成以什么计：类别、品牌或价格带。",
    "How much of the shopper's own mix is added to the list's, so that a missing category costs much and not endlessly much.": (
        "把多少顾客自己的构成加到列表的构成上，使缺少某类别代价较大但不至无穷。"
    ),
    "How much alike texts count (the cosine of the item vectors).": "文字相似的权重（商品向量的余弦）。",
    "How much the same category counts.": "同类别的权重。",
    "How much the same brand counts.": "同品牌的权重。",
    "How much the same price band counts; bands are fifths of the shop's prices.": "同价格带的权重；价格带为全店价格的五等分。",
    "Weight of variety against relevance: 0 keeps the order of the scores, 1 looks at variety alone.": (
        "多样性相对相关度的权重：0 保持分数次序，1 只看多样性。"
    ),
    "Weight of variety against relevance: 0 keeps the order of the scores, 1 looks at likeness alone.": (
        "多样性相对相关度的权重：0 保持分数次序，1 只看相似度。"
    ),
    "Places in a row that hold no two alike items; 1 changes nothing.": "多少个连续位置内没有两件相似商品；1 为不改变。",
    "From which likeness on two items are alike, 0 to 1.": "相似度达到多少算相似，0 到 1。",
    "Weight of unmet interests against relevance: 0 keeps the order of the scores, 1 looks at interests alone.": (
        "未满足兴趣相对相关度的权重：0 保持分数次序，1 只看兴趣。"
    ),
    "What an interest is: a category, a brand or a price band of the shopper's history.": ("兴趣是什么：顾客历史中的类别、品牌或价格带。"),
    "Share of an interest that one item of it satisfies; 1 = a second item of it brings nothing.": (
        "一件商品能满足该兴趣的比例；1 = 第二件不再有用。"
    ),
}
