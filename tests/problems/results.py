"""Results of any shape, to be changed or compared: a tensor, a Python number, a tuple of these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from grader.model.problem import Function


def changed(result: Any, change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    """The result with every tensor in it changed; a number counts as one."""
    if isinstance(result, tuple | list):
        return tuple(changed(part, change) for part in result)
    return change(torch.as_tensor(result))


def changing(reference: Function, change: Callable[[torch.Tensor], torch.Tensor]) -> Function:
    """The function with every tensor of its result changed."""
    return lambda **inputs: changed(reference(**inputs), change)
