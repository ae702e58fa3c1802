"""Every reference works on the device and in the dtype of its inputs, whatever the defaults are.

Inputs are drawn from the signatures of the problems, so that a new problem is looked at without being named here.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import pytest
import torch
from torch import Tensor

import reference
from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.checks.cases import example_case
from grader.compare.evaluate import default_dtype
from grader.grading import trial_of
from grader.model.case import Example
from grader.model.problem import CatalogEntry
from reference.asynchronous import a3c_update
from reference.policy import action_log_prob
from reference.trust_region import probability_ratio

ENTRIES = {entry.id: entry for entry in map(load, bundled().places) if entry.problem.signature.has_tensors()}
"""Problems whose functions take tensors."""

PARTS = {action_log_prob: "policy_gradient_loss", probability_ratio: "surrogate_objective"}
"""Public functions that are no answer to a problem, and a reference that calls them."""

READ_VALUES = (a3c_update,)
"""They read values of a tensor, which one on the device "meta" does not have."""

OTHER = {torch.float32: torch.float64, torch.float64: torch.float32}
NAMES = sorted(ENTRIES)
ON_META = sorted(name for name, entry in ENTRIES.items() if entry.problem.reference not in READ_VALUES)
READING = sorted(set(NAMES) - set(ON_META))


def inputs_of(entry: CatalogEntry) -> Iterator[dict[str, Any]]:
    """Drawn inputs with all optional tensors, and without them where there are any."""
    optional = {name: tensor.values for name, tensor in entry.problem.signature.tensors() if tensor.optional}
    for values in (optional, dict.fromkeys(optional)) if optional else ({},):
        yield dict(example_case(trial_of(entry, seed=8), Example("drawn", values=values)).inputs)


def moved(inputs: Mapping[str, Any], device: str, dtype: torch.dtype = torch.float64) -> dict[str, Any]:
    """The inputs on a device, floating ones in a dtype."""
    return {
        name: _moved(value, device, dtype) if isinstance(value, Tensor) else value for name, value in inputs.items()
    }


def _moved(tensor: Tensor, device: str, dtype: torch.dtype) -> Tensor:
    return tensor.to(device, dtype) if tensor.is_floating_point() else tensor.to(device)


def results(entry: CatalogEntry, inputs: Mapping[str, Any]) -> tuple[Tensor, ...]:
    result = entry.problem.reference(**inputs)
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize("dtype", OTHER)
@pytest.mark.parametrize("name", ON_META)
def test_a_reference_keeps_device_and_dtype(name: str, dtype: torch.dtype) -> None:
    # "meta" tensors have a device of their own and no values: whatever mixes in a CPU tensor raises
    entry = ENTRIES[name]
    wanted = entry.problem.signature.result_dtype or dtype
    for inputs in inputs_of(entry):
        with default_dtype(OTHER[dtype]):
            found = results(entry, moved(inputs, "meta", dtype))
        assert {(each.device.type, each.dtype) for each in found} == {("meta", wanted)}


@pytest.mark.parametrize("dtype", OTHER)
@pytest.mark.parametrize("name", READING)
def test_a_reference_that_reads_values_makes_nothing_on_the_default_device(name: str, dtype: torch.dtype) -> None:
    entry = ENTRIES[name]
    for inputs in inputs_of(entry):
        with default_dtype(OTHER[dtype]), torch.device("meta"):
            found = results(entry, moved(inputs, "cpu", dtype))
        assert {(each.device.type, each.dtype) for each in found} == {("cpu", dtype)}


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("name", NAMES)
def test_a_reference_gives_the_same_on_a_gpu(name: str) -> None:
    entry = ENTRIES[name]
    for inputs in inputs_of(entry):
        on_gpu, on_cpu = (results(entry, moved(inputs, device)) for device in ("cuda", "cpu"))
        assert {each.device.type for each in on_gpu} == {"cuda"}
        torch.testing.assert_close([each.cpu() for each in on_gpu], list(on_cpu))


def test_every_public_function_that_takes_tensors_is_looked_at() -> None:
    looked_at = {load(place).problem.reference for place in bundled().places} | set(PARTS)
    assert [function.__name__ for function in _public() if function not in looked_at] == []


@pytest.mark.parametrize(("part", "caller"), list(PARTS.items()))
def test_a_part_is_called_by_the_reference_that_stands_for_it(part: Any, caller: str) -> None:
    assert part.__name__ in inspect.getclosurevars(ENTRIES[caller].problem.reference).globals


def _public() -> Iterator[Any]:
    """The functions of `reference/` whose parameters, or one of them, are tensors."""
    for module in pkgutil.iter_modules(reference.__path__, "reference."):
        for name, value in vars(import_module(module.name)).items():
            is_own = inspect.isfunction(value) and value.__module__ == module.name
            if is_own and not name.startswith("_") and "Tensor" in str(inspect.signature(value)):
                yield value
