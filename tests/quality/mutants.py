"""Makes subtly wrong programs out of a right one: one operator, constant, call or argument of its source is changed."""

from __future__ import annotations

import ast
import copy
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from grader.model.problem import Function

SWAPPED_OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
OTHER_NAMES = {
    "mean": "sum",
    "sum": "mean",
    "square": "abs",
    "sqrt": "square",
    "exp": "expm1",
    "softmax": "log_softmax",
    "log_softmax": "softmax",
    "minimum": "maximum",
    "zeros_like": "ones_like",
}

DEFINITIONS = (ast.FunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed program, and the change as `function: before → after`."""

    change: str
    function: Function


def mutants(function: Function) -> Iterator[Mutant]:
    """Every single change to the function and to those of its module that it calls."""
    module = sys.modules[function.__module__]
    tree = ast.parse(inspect.getsource(module))
    defined = {node.name: node for node in tree.body if isinstance(node, DEFINITIONS)}
    for name in _called_from(function.__name__, defined):
        for position, node in enumerate(_expressions(defined[name])):
            for changed in _changes(node):
                text = f"{name}: {ast.unparse(node)} → {ast.unparse(changed)}"
                yield Mutant(text, _compiled(module, tree, name, position, changed, function.__name__))


def _called_from(start: str, defined: dict[str, ast.FunctionDef | ast.ClassDef]) -> list[str]:
    found: list[str] = []
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.append(name)
        waiting += [n.id for n in ast.walk(defined[name]) if isinstance(n, ast.Name) and n.id in defined]
    return found


def _expressions(definition: ast.FunctionDef | ast.ClassDef) -> list[ast.expr]:
    """The expressions of the body in a fixed order; not the annotations, nor the docstring. A class has methods."""
    if isinstance(definition, ast.ClassDef):
        methods = [each for each in definition.body if isinstance(each, ast.FunctionDef)]
        return [expression for method in methods for expression in _expressions(method)]
    statements = [s for s in definition.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    return [node for statement in statements for node in ast.walk(statement) if isinstance(node, ast.expr)]


def _changes(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.BinOp():
            yield from _changed_operation(node)
        case ast.UnaryOp(op=ast.USub()):
            yield node.operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int() | float() as value):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.Call():
            yield from _changed_call(node)
        case _:
            return


def _changed_operation(node: ast.BinOp) -> Iterator[ast.expr]:
    other = SWAPPED_OPERATORS.get(type(node.op))
    if other is not None:
        yield ast.BinOp(node.left, other(), node.right)
    if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult):
        yield ast.BinOp(node.right, node.op, node.left)
    yield node.left
    yield node.right


def _changed_call(node: ast.Call) -> Iterator[ast.expr]:
    """Another function of that kind, two arguments swapped, a keyword left out, or no call at all."""
    callee = node.func
    if isinstance(callee, ast.Attribute) and callee.attr in OTHER_NAMES:
        renamed = ast.Attribute(callee.value, OTHER_NAMES[callee.attr], callee.ctx)
        yield ast.Call(renamed, node.args, node.keywords)
    for first in range(len(node.args) - 1):
        swapped = [*node.args]
        swapped[first : first + 2] = reversed(swapped[first : first + 2])
        yield ast.Call(callee, swapped, node.keywords)
    for left_out in range(len(node.keywords)):
        yield ast.Call(callee, node.args, node.keywords[:left_out] + node.keywords[left_out + 1 :])
    if isinstance(callee, ast.Attribute) and not _is_torch(callee.value):
        yield callee.value
    elif node.args:
        yield node.args[0]


def _is_torch(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("torch", "math")


def _compiled(
    module: ModuleType, tree: ast.Module, name: str, position: int, changed: ast.expr, wanted: str
) -> Function:
    mutated = copy.deepcopy(tree)
    (target,) = (n for n in mutated.body if isinstance(n, DEFINITIONS) and n.name == name)
    old = _expressions(target)[position]
    _Replacing(old, copy.deepcopy(changed)).visit(target)
    namespace: dict[str, Any] = {"__name__": f"mutant_of_{module.__name__}"}
    exec(compile(ast.fix_missing_locations(mutated), f"<mutant of {name}>", "exec"), namespace)
    function: Function = namespace[wanted]
    return function


class _Replacing(ast.NodeTransformer):
    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else super().visit(node)
