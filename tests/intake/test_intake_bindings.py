"""Which names a file binds at its top level."""

from __future__ import annotations

import ast

import pytest

from grader.intake.bindings import Bindings, bindings, relative_level


def bound(*sources: str) -> Bindings:
    return bindings(ast.parse(source) for source in sources)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(): g = 1", "f"),
        ("async def f(): pass", "f"),
        ("class C:\n    x = 1\n    def m(self): pass", "C"),
        ("a = b = 1", "a b"),
        ("(a, [b, *c]), d.e, f[0] = x", "a b c"),
        ("a: int = 1\nb: int", "a"),
        ("a += 1", "a"),
        ("print(a := 1, [b := x for x in y])", "a b"),
        ("f = lambda: (a := 1)", "f"),
        ("import a.b, c.d as e", "a e"),
        ("from a import b, c as d\nfrom e import *", "b d"),
        ("if x:\n    a = 1\nelif y:\n    b = 1\nelse:\n    c = 1", "a b c"),
        ("try:\n    a = 1\nexcept E as e:\n    b = 1\nelse:\n    c = 1\nfinally:\n    d = 1", "a b c d"),
        ("try:\n    a = 1\nexcept* E:\n    b = 1", "a b"),
        ("with open(x) as a:\n    b = 1", "a b"),
        ("for i in x:\n    a = 1\nelse:\n    b = 1", "a b"),
        ("while x:\n    a = 1\nelse:\n    b = 1", "a b"),
        ("match x:\n    case 1:\n        a = 1", "a"),
        ("if __name__ == '__main__':\n    a = 1\nelse:\n    b = 1", "b"),
        ("if '__main__' == __name__:\n    a = 1", ""),
        ("if __name__ != '__main__':\n    a = 1\nelse:\n    b = 1", "a"),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a", "TYPE_CHECKING"),
        ("b = 1\na = 1\nb = 2", "b a"),
        ("a = b = 1\ndel a", "b"),
        ("a = 1\ndel a\na = 2", "a"),
        ("a = 1\nif x:\n    del a", "a"),
        ("a = 1\nwith x:\n    del a", ""),
    ],
)
def test_names_bound_at_the_top_level(source: str, names: str) -> None:
    assert bound(source).names == tuple(names.split())


def test_only_names_that_are_nothing_but_imported_are_aliases() -> None:
    found = bound("from x import f, g, h\nimport torch", "def g(): pass\nk = 1")
    assert found.names == ("f", "g", "h", "torch", "k")
    assert found.aliases == ("f", "h", "torch")


def test_an_import_does_not_turn_an_earlier_definition_into_an_alias() -> None:
    assert bound("def f(): pass\nfrom x import f").aliases == ()


def test_a_name_deleted_and_imported_again_is_an_alias() -> None:
    assert bound("f = 1\ndel f\nfrom x import f").aliases == ("f",)


def test_a_chain_of_elif_as_long_as_parses_is_searched_to_its_end() -> None:
    chain = "if x: pass\n" + "elif x: pass\n" * 80 + "else: a = 1\n"
    assert bound(chain).names == ("a",)


@pytest.mark.parametrize(
    ("source", "level"),
    [
        ("import a", 0),
        ("from . import a", 1),
        ("from .x import a\nfrom ..y import b", 2),
        ("def f():\n from . import a", 1),
    ],
)
def test_the_deepest_relative_import_counts_wherever_it_stands(source: str, level: int) -> None:
    assert relative_level([ast.parse(source)]) == level
