"""Carries out one session: makes an object of a student's class, calls its methods, and notes what each call gave."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from safetensors.torch import load, save

from .call import LARGEST_RESULT, Answer, described_value, differs, fresh_world
from .load import Workspace
from .trouble import Trouble, described

MOST_RAISED = 64
"""Exceptions of one session that are told in full; of those after them the type is."""

Spec = dict[str, Any]


def carry_out_session(workspace: Workspace, request: dict[str, Any], payload: bytes) -> Answer:
    """Make the object and take the steps; the answer's header and tensors."""
    made = workspace.found[request["function"]]
    tensors = load(payload) if payload else {}
    outgoing: dict[str, torch.Tensor] = {}
    try:
        with fresh_world(request):
            subject = made(*(_argument(spec, tensors, None) for spec in request["construct"]))
            seen = _seen(subject, request, tensors, outgoing, workspace.folder)
            if sum(t.numel() * t.element_size() for t in outgoing.values()) > LARGEST_RESULT:
                raise MemoryError(f"the results are larger than {LARGEST_RESULT >> 20} MB")
    except BaseException as error:
        return {"status": "raised", **described(error, workspace.folder)}, b""
    return {"status": "played", "seen": seen}, save(outgoing) if outgoing else b""


def _seen(
    subject: Any,
    request: dict[str, Any],
    tensors: dict[str, torch.Tensor],
    outgoing: dict[str, torch.Tensor],
    folder: str,
) -> list[Trouble]:
    """What each step gave or raised."""
    seen: list[Trouble] = []
    raised = 0
    for step in request["steps"]:
        try:
            seen.append(_taken(subject, step, tensors, outgoing, request["overwrite"]))
        except BaseException as error:
            told = described(error, folder)
            seen.append({"status": "raised", **(told if raised < MOST_RAISED else {"type": told["type"]})})
            raised += 1
    return seen


def _taken(
    subject: Any, step: Spec, tensors: dict[str, torch.Tensor], outgoing: dict[str, torch.Tensor], overwrite: float
) -> Spec:
    """One call of a method, and what the caller does to its own arrays afterwards."""
    arrays = (np.float32 if step["overwritten"] else np.float64) if step["arrays"] else None
    given = {spec["name"]: _argument(spec, tensors, arrays) for spec in step["arguments"]}
    before = {name: torch.as_tensor(value).clone() for name, value in given.items() if _is_filled(value)}
    result = len(subject) if step["method"] == "__len__" else getattr(subject, step["method"])(*given.values())
    value = described_value(result, outgoing, 0)
    modified = [name for name, old in before.items() if differs(old, torch.as_tensor(given[name]))]
    if step["overwritten"]:
        with torch.no_grad():
            for name in before:
                given[name][...] = overwrite
    return {"status": "returned", "value": value, "modified": modified}


def _argument(spec: Spec, tensors: dict[str, torch.Tensor], arrays: type[np.floating[Any]] | None) -> Any:
    """One argument as the request describes it; a tensor as an array of the given dtype where there is one."""
    if "number" in spec:
        return spec["number"]
    if "generator" in spec:
        return torch.Generator().manual_seed(spec["generator"])
    tensor = tensors[spec["tensor"]]
    return tensor if arrays is None else tensor.numpy().astype(arrays)


def _is_filled(value: Any) -> bool:
    """Whether it is a tensor or an array, and no number or generator."""
    return isinstance(value, torch.Tensor | np.ndarray)
