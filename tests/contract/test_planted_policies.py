"""Policies on the planted store: more variety is less planted sameness, pins stay, calibration restores planted mixes; mutants fail."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from recengine.models.registry import model_class
from recengine.testing.planted_proofs import PlantedStore, fitted, planted_store
from recengine.testing.policy_proofs import PolicyProof, steady_shoppers

SETTINGS = (0.0, 0.25, 0.5, 0.75, 1.0)
MODELS = ("item-knn", "popularity")  # one that knows tastes, one that shows everybody the same


@pytest.fixture(scope="module")
def store() -> PlantedStore:
    return planted_store(500, 90)


@pytest.fixture(scope="module", params=MODELS)
def proof(store, request) -> PolicyProof:
    kind = model_class(request.param)
    return PolicyProof(store, fitted(kind(kind.Config()), store, store.purchases), steady_shoppers(store))


def pin(proof: PolicyProof) -> tuple[int, dict]:
    """A pin of the item that is offered least, as a campaign would ask for it."""
    offered = np.bincount(proof.candidates[0][proof.candidates[0] >= 0], minlength=len(proof.store.catalogue))
    item = int(np.argmin(np.where(proof.store.catalogue.sellable, offered, offered.max() + 1)))
    only = [{"field": "id", "op": "is", "values": [str(proof.store.catalogue.vocabulary.ids[item])]}]
    return item, {"action": "pin", "position": 3, "conditions": only}


def test_there_is_sameness_to_lower(proof):
    assert len(proof.users) >= 100
    at_random = proof.lists({"controls": {"exploration": 1.0}}).item_codes
    assert proof.sameness(proof.lists({}).item_codes) > 1.05 * proof.sameness(at_random)


@pytest.mark.parametrize("reranker", ["mmr", "dpp"])
def test_turning_diversity_up_lowers_planted_sameness_and_never_breaks_a_pin(proof, reranker):
    item, rule = pin(proof)
    found = []
    for setting in SETTINGS:
        lists = proof.lists({"reranker": reranker, "settings": {"diversity": setting}, "rules": [rule]}).item_codes
        assert (lists[:, 2] == item).all()
        found.append(proof.sameness(lists))
    assert found[-1] < 0.85 * found[0]
    assert all(later <= earlier + 0.01 for earlier, later in pairwise(found)), found


def test_calibration_restores_the_planted_mix(proof):
    distances = []
    for strength in (0.0, 0.5, 0.9):
        lists = proof.lists({"reranker": "calibrated", "settings": {"strength": strength}}).item_codes
        distances.append(proof.distance_to_planted_mix(lists))
    assert distances[0] == pytest.approx(proof.distance_to_planted_mix(proof.lists({}).item_codes))
    assert distances[2] < distances[1] < distances[0]
    assert distances[2] < 0.75 * distances[0]
    assert distances[2] < 0.2, "what the shoppers' own purchases are from it is 0.15"


def test_a_pin_stays_on_calibrated_lists(proof):
    item, rule = pin(proof)
    lists = proof.lists({"reranker": "calibrated", "settings": {"strength": 0.9}, "rules": [rule]}).item_codes
    assert (lists[:, 2] == item).all()


def test_the_past_of_other_shoppers_restores_nothing(proof):
    """A mutant that calibrates to somebody else's past."""
    mutant = PolicyProof(proof.store, proof.model, proof.users)
    mutant.__dict__["candidates"] = proof.candidates
    mutant.__dict__["histories"] = proof.histories.rows(np.random.default_rng(0).permutation(len(proof.users)))
    spec = {"reranker": "calibrated", "settings": {"strength": 0.9}}
    own, wrong = (p.distance_to_planted_mix(p.lists(spec).item_codes) for p in (proof, mutant))
    assert wrong > own + 0.1


def test_xquad_serves_planted_interests_too(proof):
    lists = proof.lists({"reranker": "xquad", "settings": {"strength": 0.9}}).item_codes
    assert proof.distance_to_planted_mix(lists) < proof.distance_to_planted_mix(proof.lists({}).item_codes)
