"""The operations that can be interpreted, one module for each family; importing this registers them."""

from grader.symbolic.ops import (
    activations,
    backward,
    comparison,
    copies,
    creation,
    elementwise,
    indexing,
    integers,
    joining,
    linear_systems,
    losses,
    matmul,
    norms,
    ordering,
    random,
    reductions,
    scans,
    views,
)
from grader.symbolic.ops.registry import FAMILIES, OPERATIONS, Operation, find

REGISTERING = (
    activations,
    backward,
    comparison,
    copies,
    creation,
    elementwise,
    indexing,
    integers,
    joining,
    linear_systems,
    losses,
    matmul,
    norms,
    ordering,
    random,
    reductions,
    scans,
    views,
)

__all__ = ["FAMILIES", "OPERATIONS", "Operation", "find"]
