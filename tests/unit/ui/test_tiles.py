"""Drawn pictures hold constants only."""

from __future__ import annotations

import base64
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from ui.parts.tile import tile


def drawing(uri: str) -> str:
    head, _, body = uri.partition(",")
    assert head == "data:image/svg+xml;base64"
    return base64.b64decode(body).decode()


@given(st.text(), st.text())
def test_nothing_of_the_text_stands_in_the_drawing(item, title):
    svg = drawing(tile(item, title))
    root = ElementTree.fromstring(svg)
    assert {node.tag.split("}")[1] for node in root.iter()} <= {"svg", "rect", "g", "path", "circle"}
    assert not any((node.text or "").strip() for node in root.iter())
    assert drawing(tile("x", "x")).count("<") >= 4


def test_same_item_same_drawing_and_hues_differ():
    assert tile("85123A", "Lantern") == tile("85123A", "Lantern")
    assert len({tile(str(i)) for i in range(60)}) > 45


def test_title_chooses_the_shape():
    assert tile("1", "RED ALARM CLOCK") != tile("1", "LUNCH BAG")
    assert tile("1", "Baggage <script>") == tile("1", "something else")
