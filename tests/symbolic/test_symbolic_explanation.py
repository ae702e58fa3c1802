"""Traced functions as mathematics: short where it can be, with names for what is shared, and bounded."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from grader.model.explanation import Notation
from grader.model.formula import symbols
from grader.model.graph import Graph, Node, Ref
from grader.symbolic.explanation import MOST_ENTRIES, explain
from grader.symbolic.refusals import InterpretationError

X = symbols("x", (3,))
LONG = symbols("long_name", (2,))


def softmax_of(x) -> np.ndarray:
    return np.array([sympy.exp(x[i]) / sum(sympy.exp(x[j]) for j in range(len(x))) for i in range(len(x))])


def softmax_graph() -> Graph:
    return Graph(("x",), (Node("aten._softmax.default", (Ref(0), -1, False)),), (Ref(1),))


def identity() -> Graph:
    return Graph(("x",), (), (Ref(0),))


def test_short_entries_are_drawn_as_they_are() -> None:
    double = Graph(("x",), (Node("aten.div.Tensor", (Ref(0), 2.0)),), (Ref(1),))
    found = explain(double, {"x": X}, (X * 2,), Notation.UNICODE)
    assert found.definitions == ()
    assert found.entries[1].index == (1,)
    assert found.entries[1].got == "x[1]\n────\n 2"
    assert found.entries[1].expected == "2⋅x[1]"


def test_entries_of_several_results_say_which_they_belong_to() -> None:
    both = Graph(("x",), (Node("aten.sum.default", (Ref(0),)),), (Ref(1), Ref(0)))
    found = explain(both, {"x": X}, (np.array(sum(X)), X), Notation.UNICODE)
    assert [(entry.result, entry.index) for entry in found.entries] == [(0, ()), (1, (0,)), (1, (1,)), (1, (2,))]
    assert all(entry.got == entry.expected for entry in found.entries)


def test_results_that_one_side_lacks_are_empty() -> None:
    found = explain(identity(), {"x": X}, (X, np.array(X[0])), Notation.UNICODE)
    assert [(entry.result, entry.got, entry.expected) for entry in found.entries][-1] == (1, "", "x[0]")


def test_what_long_entries_share_gets_a_name_once() -> None:
    x = symbols("x", (5,))
    wanted = softmax_of(x) * symbols("y", (5,)) + sum(softmax_of(x)) ** 2
    found = explain(identity(), {"x": x}, (wanted,), Notation.UNICODE)
    names = [name for name, _ in found.definitions]
    assert names == [f"u{number}" for number in "₁₂₃₄₅₆₇₈₉"[: len(names)]]
    assert names
    assert any("u₁" in entry.expected for entry in found.entries)


def test_only_the_first_elements_are_shown_and_the_rest_is_counted() -> None:
    x = symbols("x", (10,))
    found = explain(identity(), {"x": x}, (x,), Notation.UNICODE)
    assert (len(found.entries), found.left_out) == (MOST_ENTRIES, 10 - MOST_ENTRIES)


@pytest.mark.parametrize("notation", list(Notation))
def test_an_expression_is_never_longer_than_a_reader_can_bear(notation: Notation) -> None:
    x = symbols("x", (400,))
    wanted = np.array(sum(k * x[k] ** k * sympy.sin(x[k - 1]) for k in range(400)), dtype=object)
    (entry,) = explain(Graph(("x",), (), (1.0,)), {"x": x}, (wanted,), notation).entries
    assert entry.got == "1"
    assert "terms" in entry.expected
    assert len(entry.expected) < 1000


def test_latex_sets_words_upright_and_greek_as_greek() -> None:
    gamma = symbols("gamma", (2,))
    found = explain(identity(), {"x": LONG}, (gamma,), Notation.LATEX)
    assert found.entries[1].got == r"\mathrm{long\_name}_{1}"
    assert found.entries[1].expected == r"\gamma_{1}"


def test_another_shape_is_shown_with_gaps() -> None:
    found = explain(identity(), {"x": X}, (X[:2],), Notation.UNICODE)
    assert [(entry.got, entry.expected) for entry in found.entries] == [
        ("x[0]", "x[0]"), ("x[1]", "x[1]"), ("x[2]", ""),
    ]  # fmt: skip


def test_an_operation_without_an_expression_is_refused() -> None:
    graph = Graph(("x",), (Node("aten.no_such_thing.default", (Ref(0),)),), (Ref(1),))
    with pytest.raises(InterpretationError):
        explain(graph, {"x": X}, (X,), Notation.UNICODE)


def test_softmax_is_read_as_exponentials() -> None:
    found = explain(softmax_graph(), {"x": X[:2]}, (softmax_of(X[:2]),), Notation.UNICODE)
    assert found.entries[0].got == found.entries[0].expected
