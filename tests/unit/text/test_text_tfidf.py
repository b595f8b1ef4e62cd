"""Tokens, TF-IDF, item vectors and kinds, with English and Chinese titles."""

from __future__ import annotations

import math

import numpy as np
import pytest

from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.vocabulary import Vocabulary
from recengine.text.item_vectors import _by_range, item_vectors
from recengine.text.kinds import OTHER, derive_kinds
from recengine.text.tfidf import item_texts, singular, tfidf, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Set of 3 CANDLES", ["set", "of", "3", "candle"]),
        ("红色蜡烛", ["红色", "色蜡", "蜡烛"]),
        ("LED灯 two-tone", ["led", "灯", "two", "tone"]),
        ("Ｆｕｌｌ　ｗｉｄｔｈ", ["full", "width"]),
        ("café_crème", ["café", "crème"]),
        ("  …!! ", []),
        ("", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("boxes", "box"),
        ("dishes", "dish"),
        ("glasses", "glass"),
        ("glass", "glass"),
        ("ladies", "lady"),
        ("mugs", "mug"),
        ("bus", "bus"),
        ("gas", "gas"),
    ],
)
def test_singular(word: str, expected: str) -> None:
    assert singular(word) == expected


def test_tfidf_by_hand() -> None:
    matrix, vocabulary = tfidf(["mug mug lamp", "lamp", ""])
    assert vocabulary == ["lamp", "mug"]
    lamp, mug = math.log(4 / 3) + 1, (1 + math.log(2)) * (math.log(4 / 2) + 1)
    norm = math.hypot(lamp, mug)
    np.testing.assert_allclose(matrix.toarray(), [[lamp / norm, mug / norm], [1, 0], [0, 0]], rtol=1e-6)
    assert tfidf(["mug lamp", "lamp"], min_items=2)[1] == ["lamp"]


def catalogue(titles: list[str]) -> Catalogue:
    n = len(titles)
    blank = np.full(n, "", dtype=object)
    ids = Vocabulary.build(f"{code:03d}" for code in range(n))
    return Catalogue(ids, np.array(titles, dtype=object), blank, blank, np.full(n, np.nan, np.float32), np.ones(n, bool))


def test_vectors_of_like_titles_are_alike_and_the_same_every_time() -> None:
    shop = catalogue(["red mug", "blue mug", "oak chair", "pine chair", "steel lamp"])
    vectors = item_vectors(shop, dim=4)
    assert vectors.shape == (5, 4)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3
    assert (vectors == item_vectors(shop, dim=4)).all()
    assert item_vectors(shop, dim=64).shape == (5, 64)


def test_items_without_text_stand_where_their_shoppers_shop() -> None:
    shop = catalogue(["red mug", "blue mug", "oak chair", "pine chair", ""])
    log = EventLog.build(np.array([0, 0, 0, 1, 1]), np.array([0, 1, 4, 2, 3]), np.arange(5), 2, 5)
    vectors = item_vectors(shop, log, dim=4)
    assert vectors[4] @ vectors[0] > 0.5
    assert abs(vectors[4] @ vectors[2]) < 0.1
    assert (item_vectors(shop, dim=4)[4] == 0).all()


def test_without_any_text_vectors_come_from_the_log() -> None:
    log = EventLog.build(np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 2, 3]), np.arange(6), 3, 5)
    vectors = item_vectors(catalogue([""] * 5), log, dim=3)
    assert vectors[0] @ vectors[1] == pytest.approx(1.0, abs=1e-5)
    assert vectors[0] @ vectors[2] == pytest.approx(0.0, abs=1e-5)
    assert (vectors[4] == 0).all()
    assert not item_vectors(catalogue([""] * 5), None, dim=3).any()


def test_kinds_are_the_shared_last_nouns() -> None:
    titles = (
        [f"{colour} MUG" for colour in ("RED", "BLUE", "GREEN", "PINK", "OAK")]
        + [f"WHITE CANDLES, SET OF {n}" for n in range(5)]
        + ["ODDMENT"]
    )
    assert derive_kinds(titles).tolist() == ["Mug"] * 5 + ["Candle"] * 5 + [OTHER]


def test_kinds_of_chinese_titles_and_of_nothing() -> None:
    assert derive_kinds(["红色蜡烛", "白色蜡烛", "大号蜡烛", "小蜡烛", "香薰蜡烛", ""]).tolist() == ["蜡烛"] * 5 + [OTHER]
    assert derive_kinds([]).tolist() == []


def test_a_word_that_only_a_few_share_is_no_kind() -> None:
    assert set(derive_kinds(["red mug"] * 4 + ["oak chair"])) == {OTHER}


def test_vectors_of_texts_that_are_nearly_all_alike_are_made():
    """The fast decomposition breaks down where a text matrix has hardly any directions; a slower one is taken then."""
    odd = [
        '=HYPERLINK("http://x","y")',
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "@SUM(1+1)",
        '"><img src=x onerror=alert(1)>',
    ]
    n = 150
    ids, titles = Vocabulary.build(f"{i:03d}" for i in range(n)), [f"{odd[i % 5]} {i}" if i < 25 else f"Item {i}" for i in range(n)]
    categories, brands = [f"c{i % 6}" for i in range(n)], ["" if i % 2 else f"B{(i // 2) % 4}" for i in range(n)]
    words = [np.array(part, dtype=object) for part in (titles, categories, brands)]
    shop = Catalogue(ids, *words, np.full(n, np.nan, np.float32), np.ones(n, bool))
    vectors = item_vectors(shop)
    assert vectors.shape == (n, 64)
    assert np.isfinite(vectors).all()
    assert np.array_equal(vectors, item_vectors(shop))
    matrix = tfidf(item_texts(shop))[0].astype(np.float64)
    left, values = _by_range(matrix, 64, 0)
    assert values == pytest.approx(np.linalg.svd(matrix.toarray(), compute_uv=False)[:64], rel=0.01)
    assert left.T @ left == pytest.approx(np.eye(64), abs=1e-9)
