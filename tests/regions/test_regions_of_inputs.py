"""Which regions follow from a signature, and which cases lie in them."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from grader.model.case import Case
from grader.model.exchange import Session, Step
from grader.model.generators import Generator
from grader.model.methods import ClassSignature, Count, Method
from grader.model.sampling import AdditiveMask, Flags, Indices, Simplex
from grader.model.signature import Number, Signature, Tensor
from grader.regions.of_inputs import regions_of
from grader.regions.of_sessions import regions_of_class

SIGNATURE = Signature(
    {
        "x": Tensor("... n d", "numbers"),
        "picks": Tensor("n", "indices", Indices("d")),
        "dones": Tensor("n", "flags", Flags()),
        "mask": Tensor("n n", "a mask", AdditiveMask(), optional=True),
        "policy": Tensor("d", "probabilities", Simplex()),
        "weighted": Number("a switch", (False, True)),
        "gamma": Number("a factor", (0.5, 1.0)),
    },
    returns="... k",
    least={"d": 2},
)

CLASS = ClassSignature(
    {"size": Number("how many", (1, 2))},
    returns="",
    methods={
        "add": Method("adds", {"row": Tensor("size", "a row"), "done": Number("a flag", (1.0, True))}),
        "draw": Method("draws", {"count": Count("how many", "size"), "generator": Generator("randomness")}),
    },
)


def demanded(signature: Signature) -> set[str]:
    """Names of the regions that have to be reached."""
    return {region.name for region in regions_of(signature) if region.is_demanded}


def case(batch: tuple[int, ...] = (), **changes: Any) -> Case:
    """A case with n = 3 and d = 4."""
    inputs: dict[str, object] = {
        "x": torch.ones(*batch, 3, 4).double(),
        "picks": torch.tensor([1, 2, 1]),
        "dones": torch.tensor([0.0, 1.0, 0.0]).double(),
        "mask": None,
        "policy": torch.full((4,), 0.25).double(),
        "weighted": False,
        "gamma": 0.5,
    }
    return Case("a case", inputs | changes, {"n": 3, "d": 4}, batch)


def reached(case: Case) -> set[str]:
    """Names of the regions that a case lies in."""
    return {region.name for region in regions_of(SIGNATURE) if region.holds(case)}


def test_what_is_demanded_makes_sense_from_the_signature_alone() -> None:
    assert demanded(SIGNATURE) == {
        "n = 1", "n > 1", "d > 1", "no batch", "one batch axis", "several batch axes",
        "picks: the lowest index", "picks: the highest index",
        "dones: none is 1", "dones: some are 1", "dones: all are 1",
        "mask is left out", "mask is given", "mask: nothing is masked", "mask: something is masked",
        "weighted = False", "weighted = True",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("multiples", "is_demanded"), [(None, True), ({"d": "h"}, True), ({"d": 2}, False)], ids=["none", "of h", "of 2"]
)
def test_an_axis_that_is_a_multiple_of_a_number_is_never_1(
    multiples: dict[str, str | int] | None, is_demanded: bool
) -> None:
    arguments = {"x": Tensor("d", "numbers"), "h": Number("heads", size="h")}
    assert ("d = 1" in demanded(Signature(arguments, "d", multiples=multiples))) is is_demanded


@pytest.mark.parametrize(
    ("changed", "region"),
    [
        (case(batch=(2,)), "one batch axis"),
        (case(batch=(2, 5)), "several batch axes"),
        (case(x=torch.tensor([[-1.0, 0.0, 2000.0, 1.0]] * 3).double()), "x: a zero"),
        (case(x=torch.tensor([[-1.0, 0.0, 2000.0, 1.0]] * 3).double()), "x: both signs"),
        (case(x=torch.tensor([[-1.0, 0.0, 2000.0, 1.0]] * 3).double()), "x: large numbers"),
        (case(x=torch.full((3, 4), -torch.inf).double()), "x: infinite numbers"),
        (case(picks=torch.tensor([0, 1, 2])), "picks: the lowest index"),
        (case(picks=torch.tensor([1, 3, 2])), "picks: the highest index"),
        (case(dones=torch.zeros(3).double()), "dones: none is 1"),
        (case(dones=torch.ones(3).double()), "dones: all are 1"),
        (case(mask=torch.zeros(3, 3).double()), "mask is given"),
        (case(mask=torch.zeros(3, 3).double()), "mask: nothing is masked"),
        (case(mask=torch.full((3, 3), -torch.inf).triu(1).double()), "mask: something is masked"),
        (case(policy=torch.tensor([1.0, 0.0, 0.0, 0.0]).double()), "policy: a probability of 0"),
        (case(policy=torch.tensor([1.0, 0.0, 0.0, 0.0]).double()), "policy: a probability near 1"),
        (case(weighted=True), "weighted = True"),
        (case(gamma=1.0), "gamma = 1.0"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_change_brings_a_case_into_a_region(changed: Case, region: str) -> None:
    assert region in reached(changed)
    assert region not in reached(case())


def test_an_ordinary_case_lies_in_these_regions() -> None:
    assert reached(case()) == {
        "n > 1", "d > 1", "all sizes different", "no batch", "x: equal elements", "dones: some are 1",
        "mask is left out", "weighted = False", "gamma = 0.5",
    }  # fmt: skip


def test_sizes_are_compared_where_there_are_several() -> None:
    equal = Case("", dict(case().inputs), {"n": 1, "d": 1})
    assert {"n = 1", "d = 1", "all sizes equal"} <= reached(equal)
    assert "all sizes different" not in reached(equal)


def test_a_class_has_regions_of_its_calls() -> None:
    names = {region.name: region.is_demanded for region in regions_of_class(CLASS)}
    assert {name for name, is_demanded in names.items() if is_demanded} == {
        "add is called", "draw is called", "add: done = True", "add is given tensors", "add is given arrays",
    }  # fmt: skip


def test_a_sequence_of_calls_lies_in_the_regions_of_its_steps() -> None:
    row = torch.ones(1).double()
    session = Session("Buffer", {"size": 1}, (Step("add", {"row": row, "done": True}, arrays=True, overwritten=True),))
    assert {region.name for region in regions_of_class(CLASS) if region.holds(session)} == {
        "size = 1", "add is called", "add is called first", "add: done = True", "add is given arrays",
        "add is given what is overwritten then",
    }  # fmt: skip
