"""A problem whose cases leave something out is found, and so is a declaration that isn't true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
import torch

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.checks import Agreement, Contract, Edges
from grader.model.case import Example
from grader.model.problem import CatalogEntry, Problem
from grader.model.sampling import Near
from grader.model.signature import Signature, Tensor
from grader.regions.asked import asked_of_reference
from grader.regions.reach import Origin, Reach, reaches_of

TIE = "torch.maximum(x, y): both are equal"


def larger(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.maximum(x, y)


def smaller(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """You take the smaller one."""
    return torch.minimum(x, y)


ONE_ELEMENT = Example("one element", {"n": 1})
EQUAL = Example("both are equal", {"n": 5}, {"y": Near("x", 0.0)})


def entry(*edges: Example, unreachable: Mapping[str, str] | None = None) -> CatalogEntry:
    """A problem with these edge cases."""
    problem = Problem(
        title="The larger one",
        source="made up",
        statement="The larger one of `x` and `y`, for each element.",
        formula=r"\max(x, y)",
        signature=Signature({"x": Tensor("... n", "numbers"), "y": Tensor("... n", "numbers")}, "... n", usual_batch=1),
        reference=larger,
        checks=(Agreement(1), Edges(1), Contract(1)),
        misconceptions=(smaller,),
        edges=edges,
        unreachable=unreachable or {},
    )
    return CatalogEntry("larger", 21, "arithmetic", problem)


def reached(entry: CatalogEntry, *seeds: int) -> dict[str, Reach]:
    """Every region by its name."""
    return {reach.name: reach for reach in reaches_of(entry, [asked_of_reference(entry, seed) for seed in seeds])}


def troubles(entry: CatalogEntry) -> dict[str, str]:
    """What is to be done."""
    return {name: reach.trouble for name, reach in reached(entry, 1, 2).items() if reach.trouble}


def test_cases_that_reach_everything_leave_nothing_to_do() -> None:
    assert troubles(entry(ONE_ELEMENT, EQUAL)) == {}


def test_a_side_of_the_reference_that_no_case_reaches_is_found_with_its_line() -> None:
    found = entry(ONE_ELEMENT)
    assert troubles(found) == {TIE: "no case reaches it"}
    tie = reached(found, 1)[TIE]
    assert (tie.origin, tie.place) == (
        Origin.REFERENCE,
        f"regions/test_regions_reach.py, line {larger.__code__.co_firstlineno + 1}",
    )


def test_a_region_of_the_signature_that_no_case_reaches_is_found() -> None:
    assert troubles(entry(EQUAL)) == {"n = 1": "no case reaches it"}


def test_the_cases_that_reach_a_region_are_named() -> None:
    found = reached(entry(ONE_ELEMENT, EQUAL), 1)
    assert found["n = 1"].by == ("one element",)
    assert found["n > 1"].by == ("both are equal", "drawn")
    assert found["several batch axes"].by == ("drawn",)


def test_what_some_runs_miss_is_to_be_named() -> None:
    equal_by_chance = replace(ONE_ELEMENT, values={"x": [1.0], "y": [1.0]})
    problem = entry(ONE_ELEMENT)
    runs = [asked_of_reference(problem, 1), asked_of_reference(entry(equal_by_chance), 2)]
    (tie,) = (reach for reach in reaches_of(problem, runs) if reach.name == TIE)
    assert tie.trouble == "only 1 of 2 runs reach it: name a case that always does"


def test_a_side_that_is_declared_unreachable_needs_no_case() -> None:
    found = entry(ONE_ELEMENT, unreachable={TIE: "they are never equal"})
    assert troubles(found) == {}
    assert reached(found, 1)[TIE].declared == "they are never equal"


def test_a_declaration_that_a_case_disproves_is_found() -> None:
    found = entry(ONE_ELEMENT, EQUAL, unreachable={TIE: "they are never equal"})
    assert troubles(found) == {TIE: "it is declared unreachable, and “both are equal” reaches it"}


def test_a_declaration_of_nothing_is_found() -> None:
    found = entry(ONE_ELEMENT, EQUAL, unreachable={"y = 7": "no such thing"})
    assert troubles(found) == {"y = 7 (declared unreachable, but unknown)": "no case reaches it"}


def test_a_reference_that_raises_is_told_with_the_case() -> None:
    def refusing(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        if len(x) == 1:
            raise ValueError("too short")
        return torch.maximum(x, y)

    whole = entry(EQUAL, ONE_ELEMENT)
    broken = replace(whole, problem=replace(whole.problem, reference=refusing))
    end = "the end of the reference, where it raises ValueError (too short) in the case “one element”"
    assert troubles(broken) == {end: "no case reaches it"}


def test_inputs_that_several_checks_ask_about_are_looked_at_once() -> None:
    asked = list(asked_of_reference(entry(ONE_ELEMENT, EQUAL), 1))
    assert [name for name, _ in asked].count("one element") == 1


@pytest.mark.parametrize(
    ("name", "edge", "missed"),
    [
        ("td3_target", "the critics agree", "torch.minimum(next_q1, next_q2): both are equal"),
        ("line_search_fraction", "a divergence of exactly δ", "kls <= max_kl: both are equal"),
        ("cosine_score", "vectors of dimension 1", "d = 1"),
    ],
)
def test_an_edge_that_is_taken_away_from_a_bundled_problem_is_missed(name: str, edge: str, missed: str) -> None:
    found = load(next(place for place in bundled().places if place.id == name))
    kept = tuple(case for case in found.problem.edges if case.name != edge)
    assert len(kept) == len(found.problem.edges) - 1
    assert troubles(replace(found, problem=replace(found.problem, edges=kept))) == {missed: "no case reaches it"}


@pytest.mark.parametrize("place", bundled().places, ids=lambda place: place.id)
def test_the_cases_of_a_bundled_problem_reach_what_they_have_to(place) -> None:
    found = load(place)
    assert [
        (reach.name, reach.trouble) for reach in reaches_of(found, [asked_of_reference(found, 5)]) if reach.trouble
    ] == []
