"""Records what a function of torch tensors does as a graph, as the guest does for a submission."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch._decomp import core_aten_decompositions
from torch.utils._python_dispatch import TorchDispatchMode

from grader.model.graph import CONSTANT, Graph, Node, Ref

SPELLED = (torch.dtype, torch.device, torch.layout, torch.memory_format)


def record(function: Callable[..., Any], inputs: Mapping[str, torch.Tensor]) -> Graph:
    """The graph of `function(**inputs)`."""
    recorder = Recorder(inputs)
    with recorder:
        given = function(**inputs)
    outputs = given if isinstance(given, (tuple, list)) else (given,)
    encoded = tuple(recorder.encoded(output) for output in outputs)
    return Graph(tuple(inputs), tuple(recorder.steps), encoded)


class Recorder(TorchDispatchMode):
    """Every operation that is left after the core decompositions, in the order in which it ran."""

    def __init__(self, inputs: Mapping[str, torch.Tensor], *, decompose: bool = True) -> None:
        super().__init__()
        self.decompositions = decompositions() if decompose else {}
        self.offset = len(inputs)
        self.steps: list[Node] = []
        self.kept: list[torch.Tensor] = list(inputs.values())
        self.refs = {id(tensor): Ref(step) for step, tensor in enumerate(inputs.values())}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in self.decompositions:
            with self:
                given = self.decompositions[func](*args, **kwargs)
            if given is not NotImplemented:
                return given
        arguments = self.encoded(args)
        keywords = {name: self.encoded(value) for name, value in kwargs.items()}
        given = func(*args, **kwargs)
        self.steps.append(Node(str(func), arguments, keywords))
        self.remember(given, self.offset + len(self.steps) - 1)
        return given

    def remember(self, given: Any, step: int) -> None:
        several = isinstance(given, (tuple, list))
        for item, tensor in enumerate(given if several else (given,)):
            if isinstance(tensor, torch.Tensor):
                self.kept.append(tensor)
                self.refs[id(tensor)] = Ref(step, item if several else None)

    def encoded(self, value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            return self.refs[id(value)] if id(value) in self.refs else self.constant(value)
        if isinstance(value, (tuple, list)):
            return tuple(self.encoded(item) for item in value)
        return str(value) if isinstance(value, SPELLED) else value

    def constant(self, tensor: torch.Tensor) -> Ref:
        storages = {kept.untyped_storage().data_ptr() for kept in self.kept if kept.numel()}
        assert tensor.untyped_storage().data_ptr() not in storages, "an unseen view of a seen tensor"
        with torch.utils._python_dispatch._disable_current_modes():
            values = tuple(tensor.detach().flatten().tolist())
        self.steps.append(Node(CONSTANT, (tuple(tensor.shape), values, str(tensor.dtype))))
        self.remember(tensor, self.offset + len(self.steps) - 1)
        return self.refs[id(tensor)]


@functools.cache
def decompositions() -> dict[Any, Any]:
    return dict(core_aten_decompositions())
