"""Values for display: small ones as numbers a person can compute with, large ones as a shape."""

from __future__ import annotations

import torch

from grader.model.case import Case
from grader.model.evidence import Setting, Shown
from grader.model.exchange import Opaque, Precision
from grader.model.generators import Seeded

SHOWN_ELEMENTS = 48
"""A tensor with more elements than this is shown by its shape."""


def show(value: object) -> Shown:
    """Plain numbers, nested lists of them, or a short text for what is too large or has no value to show."""
    if isinstance(value, torch.Tensor):
        return _show_tensor(value)
    if isinstance(value, tuple | list):
        return tuple(show(item) for item in value)
    if isinstance(value, Opaque):
        return f"a value of type {value.type_name}"
    if isinstance(value, Seeded):
        return str(value)
    return value


def _show_tensor(tensor: torch.Tensor) -> Shown:
    if tensor.numel() > SHOWN_ELEMENTS:
        return f"tensor of shape {tuple(tensor.shape)}"
    return tensor.detach().cpu().tolist()


def setting_of(case: Case, precision: Precision) -> Setting:
    """The case as evidence shows it."""
    return Setting(case.name, precision.value, {name: show(value) for name, value in case.inputs.items()})
