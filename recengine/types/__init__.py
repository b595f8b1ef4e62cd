"""What the workspace hands to pages, the command line and exports: frozen views with a caption on every field.

Views hold ids, numbers and short text, never tensors or codes. `caption(Type, "field")` is the one source of help texts.
"""

from recengine.types.base import Estimate, caption, said
from recengine.types.comparison import Comparison, Doctor, ExportReport, Exposure, ListDiff, PairedView, PolicyRow, Tradeoff, TradeoffPoint
from recengine.types.datasets import (
    ColumnView,
    DatasetOverview,
    DatasetRow,
    ImportCheck,
    ImportPreview,
    ImportReport,
    QuestionView,
    RowCounts,
    SampleRow,
    VerdictView,
)
from recengine.types.funnel import FunnelInsight, FunnelJudgement
from recengine.types.lists import EventTerm, Explanation, ListItem, RankedList, Term
from recengine.types.shoppers import ShopperRow, ShopperView
from recengine.types.training import (
    ConfigField,
    DatasetAdvice,
    EpochPoint,
    JobView,
    Machine,
    ModelAdvice,
    ModelCard,
    SweepView,
    SweptField,
    TrainingRequest,
    TrialView,
    VariantRow,
)

__all__ = [
    "ColumnView",
    "Comparison",
    "ConfigField",
    "DatasetAdvice",
    "DatasetOverview",
    "DatasetRow",
    "Doctor",
    "EpochPoint",
    "Estimate",
    "EventTerm",
    "Explanation",
    "ExportReport",
    "Exposure",
    "FunnelInsight",
    "FunnelJudgement",
    "ImportCheck",
    "ImportPreview",
    "ImportReport",
    "JobView",
    "ListDiff",
    "ListItem",
    "Machine",
    "ModelAdvice",
    "ModelCard",
    "PairedView",
    "PolicyRow",
    "QuestionView",
    "RankedList",
    "RowCounts",
    "SampleRow",
    "ShopperRow",
    "ShopperView",
    "SweepView",
    "SweptField",
    "Term",
    "Tradeoff",
    "TradeoffPoint",
    "TrainingRequest",
    "TrialView",
    "VariantRow",
    "VerdictView",
    "caption",
    "said",
]
