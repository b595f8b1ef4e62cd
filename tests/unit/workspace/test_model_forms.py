from __future__ import annotations

from typing import Literal

import pytest
from pydantic import Field

from recengine.errors import BadInput, NotFound
from recengine.models.base import ModelConfig
from recengine.workspace.models import all_models, config_field, make_config, model_card


class Example(ModelConfig):
    neighbours: int = Field(default=100, ge=1, le=5000)
    """Neighbours kept for each item."""
    decay: float = Field(default=0.5, gt=0)
    """How fast it fades."""
    weighting: Literal["bm25", "cosine"] = "bm25"
    """How rows are weighted."""
    repeat: bool = True
    """Count repeats."""
    parts: tuple[str, ...] = ("a",)
    """Names of parts."""


def test_a_declared_field_becomes_a_form_field():
    fields = {name: config_field(name, info) for name, info in Example.model_fields.items()}
    assert (fields["neighbours"].type, fields["neighbours"].low, fields["neighbours"].high) == ("int", 1.0, 5000.0)
    assert fields["neighbours"].help == "Neighbours kept for each item."
    assert (fields["decay"].type, fields["decay"].low, fields["decay"].high) == ("float", 0.0, None)
    assert (fields["weighting"].type, fields["weighting"].choices) == ("choice", ("bm25", "cosine"))
    assert (fields["repeat"].type, fields["repeat"].default) == ("bool", True)
    assert fields["parts"].type == "list"


def test_every_model_has_help_on_every_field_and_a_source():
    for name, model in all_models().items():
        card = model_card(model)
        assert card.name == name
        assert card.title
        assert card.summary
        assert card.source
        for field in card.fields:
            assert field.help, f"{name}.{field.name} has no help"


def test_a_card_tells_everything_a_model_can():
    told = {name: model_card(model).can for name, model in all_models().items()}
    assert all(can.keys() >= {"cold_users", "cold_items", "order", "time", "features", "linear", "attention"} for can in told.values())
    assert [name for name, can in told.items() if can["attention"]] == ["attention"]


def test_all_presets_are_valid():
    for name in all_models():
        for preset in ("quick", "balanced", "thorough"):
            make_config(name, {}, preset)


def test_the_names_of_the_command_line_are_there():
    assert {"popularity", "item-knn", "transitions", "ease", "als", "content", "funnel"} <= set(all_models())


def test_mistakes_name_the_setting():
    with pytest.raises(NotFound, match="no model called nope"):
        make_config("nope", {})
    with pytest.raises(BadInput, match="no setting called wrong"):
        make_config("ease", {"wrong": 1})
    with pytest.raises(BadInput, match="no preset"):
        make_config("ease", {}, "fast")
    name = next(iter(all_models()["ease"].Config.model_fields))
    with pytest.raises(BadInput, match=name):
        make_config("ease", {name: "many"})
