"""A formula at one of its instances: its arguments as symbols and exact numbers, its results, its gradients.

A formula speaks of one element of the batch. Here it is evaluated for each, and the results are put together again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
import torch

from grader.errors import ProblemDefinitionError
from grader.model.axes import BATCH, shape_of, without_batch
from grader.model.case import Case
from grader.model.formula import Expressions, Formula, Instance, Shape, exact, symbols
from grader.model.sampling import AdditiveMask, Flags, Normal, Uniform
from grader.model.signature import Argument, Gradient, Number, Signature, Tensor

_UNDEFINED = (sympy.nan, sympy.zoo, sympy.oo, -sympy.oo)
_INFINITE = (sympy.oo, -sympy.oo)

_SWITCHES = (AdditiveMask, Flags)
"""Values drawn from a few special ones: a symbol stands for any number, and is drawn as one."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a formula and a traced function are given at an instance, batch dimensions included."""

    values: Mapping[str, Any]
    """By name, in the order of the signature: arrays of symbols or of exact numbers, integer arrays, exact numbers."""

    symbolic: tuple[str, ...]
    """Names of the arrays of symbols; everything else is concrete."""


def refuse_what_does_not_fit(signature: Signature, formula: Formula, instance: Instance) -> None:
    """Check that every argument gets symbols or values of its shape, without computing anything.

    Raises:
        ProblemDefinitionError: it does not.
    """
    for trouble in _troubles(signature, formula, instance):
        raise ProblemDefinitionError(f"the instance {instance.described() or 'without sizes and values'}: {trouble}")


def arguments_of(signature: Signature, formula: Formula, instance: Instance) -> Arguments:
    """Symbols for every floating tensor that the instance gives no values for, exact numbers for what it gives.

    Raises:
        ProblemDefinitionError: the instance lacks a number, an index tensor or a size, or has what does not fit.
    """
    refuse_what_does_not_fit(signature, formula, instance)
    values = {name: _argument(signature, formula, instance, name) for name in signature.arguments}
    symbolic = (name for name, _ in signature.tensors() if name not in instance.values)
    return Arguments(values, tuple(symbolic))


def expected(signature: Signature, formula: Formula, instance: Instance) -> tuple[Expressions, ...]:
    """The formula's results at the instance, one array for each.

    A result without batch dimensions beside one that has them is the sum over the batch.

    Raises:
        ProblemDefinitionError: as `arguments_of`; or a result has another shape than the signature's, or is undefined.
    """
    arguments = arguments_of(signature, formula, instance).values
    results = [np.empty(shape_of(axes, instance.sizes, instance.batch), dtype=object) for axes in signature.results]
    for element in np.ndindex(*instance.batch):
        values = formula.values(**_of_one_element(signature, arguments, element, instance.sizes))
        given = values if signature.is_several else (values,)
        if len(given) != len(results):
            raise ProblemDefinitionError(f"the formula gives {len(given)} results; the signature has {len(results)}")
        for result, axes, value in zip(results, signature.results, given, strict=True):
            part, place = _checked(value, axes, instance), _within(axes, element, instance.sizes)
            is_summed = any(element) and BATCH not in axes.split()
            result[place] = result[place] + part if is_summed else part
    return tuple(results)


def expected_gradients(
    signature: Signature,
    formula: Formula,
    instance: Instance,
    results: tuple[Expressions, ...],
    cotangent: Expressions | tuple[Expressions, ...],
) -> dict[str, Expressions]:
    """The gradient of Σ cotangent · result, over all results, for each symbolic argument that is graded or constant.

    It is SymPy's derivative for a graded one and zero for a constant one.

    Args:
        signature: the problem's.
        formula: the problem's.
        instance: the one in question.
        results: as `expected` gives them there.
        cotangent: symbols in the shape of the result; a tuple of these for several.

    Returns:
        Argument name to an array in the argument's shape.

    Raises:
        ValueError: there are not as many cotangents as results.
    """
    cotangents = cotangent if isinstance(cotangent, tuple) else (cotangent,)
    given = arguments_of(signature, formula, instance)
    gradients = {}
    for name in given.symbolic:
        if name in signature.named(Gradient.GRADED):
            gradients[name] = _derivative(results, cotangents, given.values[name])
        elif name in signature.named(Gradient.CONSTANT):
            gradients[name] = np.full(given.values[name].shape, sympy.S.Zero, dtype=object)
    return gradients


def trace_case(signature: Signature, formula: Formula, instance: Instance, rng: torch.Generator) -> Case:
    """Concrete inputs at the instance, along which a function is traced: its symbols are drawn, the rest is as given.

    Raises:
        ProblemDefinitionError: as `arguments_of`.
    """
    refuse_what_does_not_fit(signature, formula, instance)
    inputs: dict[str, object] = {}
    for name, argument in signature.arguments.items():
        if isinstance(argument, Number) and argument.size is not None:
            inputs[name] = _number(argument, name, instance)
        elif name not in instance.values:
            inputs[name] = _drawn(signature, formula, instance, name, inputs, rng)
        elif isinstance(argument, Tensor) and instance.values[name] is not None:
            dtype = torch.int64 if argument.is_integer else torch.float64
            inputs[name] = torch.tensor(instance.values[name], dtype=dtype)
        else:
            inputs[name] = instance.values[name]
    return Case(instance.described(), inputs, dict(instance.sizes), instance.batch)


def _troubles(signature: Signature, formula: Formula, instance: Instance) -> Iterator[str]:
    for name in (*instance.values, *formula.positive):
        if name not in signature.arguments:
            yield f"the signature has no argument `{name}`, only {', '.join(signature.arguments)}"
    missing = [axis for axis in signature.axes() if axis not in instance.sizes]
    yield from (f"it gives no size for the axis `{axis}`" for axis in missing)
    if instance.batch and not any(BATCH in axes.split() for axes in signature.results):
        yield f"it has the batch {instance.batch}, and the result has no batch dimensions"
    for name, argument in signature.arguments.items():
        if name in instance.values:
            yield from () if missing else _misshapen(name, argument, instance)
        elif not _is_known(argument):
            yield f"`{name}` can't be symbolic, being no floating tensor: give it a value"


def _is_known(argument: Argument) -> bool:
    """Whether an argument needs no value: it is symbolic, or the size of an axis."""
    if isinstance(argument, Tensor):
        return not argument.is_integer
    return isinstance(argument, Number) and argument.size is not None


def _misshapen(name: str, argument: Argument, instance: Instance) -> Iterator[str]:
    value = instance.values[name]
    if isinstance(argument, Tensor) and argument.optional and value is None:
        return
    got = np.shape(value)
    wanted = argument.shape(instance.sizes, instance.batch) if isinstance(argument, Tensor) else ()
    if got != wanted:
        yield f"`{name}` has shape {got}; its axes make that {wanted}"


def _argument(signature: Signature, formula: Formula, instance: Instance, name: str) -> Any:
    argument = signature.arguments[name]
    if not isinstance(argument, Tensor):
        return _exact_unless_a_switch(_number(argument, name, instance))
    if name in instance.values and instance.values[name] is None:
        return None
    if name not in instance.values:
        return symbols(name, argument.shape(instance.sizes, instance.batch), positive=name in formula.positive)
    if argument.is_integer:
        return np.array(instance.values[name], dtype=np.int64)
    array = np.array(instance.values[name], dtype=object)
    return _each(exact, array)


def _number(argument: Argument, name: str, instance: Instance) -> Any:
    """A number as the instance gives it, or the size of its axis."""
    if name not in instance.values and isinstance(argument, Number) and argument.size is not None:
        return instance.sizes[argument.size]
    return instance.values[name]


def _exact_unless_a_switch(value: Any) -> Any:
    return value if isinstance(value, bool) or value is None else exact(value)


def _each(function: Any, array: Expressions) -> Expressions:
    """The function of every element; 0-dimensional arrays stay arrays."""
    made = np.empty(array.shape, dtype=object)
    for index in np.ndindex(*array.shape):
        made[index] = function(array[index])
    return made


def _of_one_element(
    signature: Signature, arguments: Mapping[str, Any], element: Shape, sizes: Mapping[str, int]
) -> dict[str, Any]:
    """The arguments without their batch dimensions."""
    return {
        name: arguments[name][_within(argument.axes, element, sizes)]
        if isinstance(argument, Tensor) and arguments[name] is not None
        else arguments[name]
        for name, argument in signature.arguments.items()
    }


def _within(axes: str, element: Shape, sizes: Mapping[str, int]) -> tuple[Any, ...]:
    """The index that picks an element of the batch from an array with these axes: `[:, b]` for `T ...`."""
    index: list[Any] = []
    for axis in axes.split():
        index.extend(element if axis == BATCH else (slice(None),) * len(shape_of(axis, sizes)))
    return tuple(index)


def _checked(values: Any, result: str, instance: Instance) -> Expressions:
    """The formula's result for one element as an array of expressions."""
    array = np.array(values, dtype=object)
    axes = without_batch(result)
    wanted = shape_of(axes, instance.sizes)
    if array.shape != wanted:
        raise ProblemDefinitionError(
            f"at {instance.described()} the formula gives shape {array.shape} for one element of the batch; "
            f"the signature's result ({axes}) has {wanted}"
        )
    expressions = _each(sympy.sympify, array)
    for index in np.ndindex(*wanted):
        if expressions[index] not in _INFINITE and expressions[index].has(*_UNDEFINED):
            raise ProblemDefinitionError(f"at {instance.described()} the formula is {expressions[index]} at {index}")
    return expressions if wanted else expressions[()]


def _derivative(
    results: tuple[Expressions, ...], cotangents: tuple[Expressions, ...], argument: Expressions
) -> Expressions:
    """d Σ cotangent · result / d argument, leaving out what an element does not depend on."""
    terms: dict[sympy.Symbol, list[sympy.Expr]] = {symbol: [] for symbol in argument.flat}
    for result, cotangent in zip(results, cotangents, strict=True):
        for index in np.ndindex(*result.shape):
            for symbol in result[index].free_symbols & terms.keys():
                terms[symbol].append(cotangent[index] * result[index].diff(symbol))
    return _each(lambda symbol: sympy.Add(*terms[symbol]), argument)


def _drawn(
    signature: Signature,
    formula: Formula,
    instance: Instance,
    name: str,
    drawn: Mapping[str, object],
    rng: torch.Generator,
) -> torch.Tensor:
    argument = signature.arguments[name]
    assert isinstance(argument, Tensor)
    values = Normal() if isinstance(argument.values, _SWITCHES) else argument.values
    if name in formula.positive:
        values = Uniform(0.25, 2.0)
    return values.draw(argument.shape(instance.sizes, instance.batch), instance.sizes, drawn, rng)
