"""Writes down the operations that PyTorch carries out, in the order and at the level at which it dispatches them.

Every operation is carried out for real on real tensors; what depends on a symbolic input is known by the memory that it
lies in. A graph's values are pieces of memory too, so that views and writes through them come out as PyTorch has them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from .graph_json import (
    MOST_ARGUMENTS,
    MOST_NODES,
    MOST_RESULTS,
    Json,
    UntraceableError,
    constant,
    encoded,
)
from .operations import Operation, operation, plain_name

AS_NUMBER = "it turns a value into a Python number or decides a branch by it"
_HIDDEN_WAY = "it reaches the memory of a tensor by a way that can't be followed"

_PROFILER = "profiler"
"""Namespace of operations that measure and compute nothing; the step of an optimiser is between two of them."""

Memory = tuple[Any, ...]
"""Where a tensor lies: its storage, offset, shape and strides, and how its bits are read."""


class Recorder(TorchDispatchMode):
    """Records while it is entered; `nodes`, `calls` and `stopped` are what it found."""

    def __init__(self, inputs: int) -> None:
        """Steps below `inputs` are reserved for them; see `add_input`."""
        super().__init__()  # type: ignore[no-untyped-call]  # PyTorch declares no types there
        self.nodes: list[Json] = []
        self.calls: set[str] = set()
        self.stopped: UntraceableError | None = None
        """The first reason why the function can't be followed; it stands even where the exception was swallowed."""

        self.inputs = inputs
        self._references: dict[Memory, Json] = {}
        self._storages: dict[int, Any] = {}
        """Keeps the memory of everything seen, so that none of it is used for something else."""

        self._symbolic: set[int] = set()
        self._written: set[int] = set()
        self._copies: Counter[int] = Counter()
        """How often contents of a storage were written into the graph; each time as memory of its own."""

        self._decomposing = 0
        self._paused = False

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Keeps torch from wrapping `__torch_dispatch__`: for that it imports torch._dynamo, in 0.75 s."""
        return False

    def add_input(self, step: int, tensor: torch.Tensor) -> None:
        """Make a tensor the graph's input of that number."""
        storage = self._storage(tensor)
        self._symbolic.add(storage)
        self._references[self._memory(tensor, storage)] = {"r": step}

    def depends(self, tensor: torch.Tensor) -> bool:
        """Whether a tensor may depend on an input; a wrapper of torch.func, which has no memory of its own, may."""
        try:
            return tensor.untyped_storage()._cdata in self._symbolic
        except (RuntimeError, NotImplementedError):
            return True

    def note(self, name: str) -> None:
        """Remember that a function of PyTorch was called."""
        plain = plain_name(name)
        if plain.isascii() and plain.isidentifier():
            self.calls.add(plain)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Carry operations out without recording them: those that show a tensor."""
        before, self._paused = self._paused, True
        try:
            yield
        finally:
            self._paused = before

    def stop(self, reason: str) -> NoReturn:
        """Give up.

        Raises:
            UntraceableError: always; the first one is remembered.
        """
        error = UntraceableError(reason)
        self.stopped = self.stopped or error
        raise error

    def encoded(self, value: Any) -> Json:
        """A tensor or another argument as the graph holds it.

        Raises:
            UntraceableError: it is of a kind or a size that a graph doesn't hold.
        """
        try:
            return encoded(value, self._reference)
        except UntraceableError as error:
            self.stopped = self.stopped or error
            raise

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Carry out one operation, and record it or what it is made of."""
        kwargs = kwargs or {}
        if self._paused or self.stopped is not None or func.namespace == _PROFILER:
            return func(*args, **kwargs)
        with torch._C.DisableTorchFunction():
            return self._followed(func, args, kwargs)

    def _followed(self, func: Any, args: Any, kwargs: Any) -> Any:
        called = operation(func)
        if not self._decomposing:
            self.note(called.base)
        result = self._decomposed(called, args, kwargs)
        if result is not NotImplemented:
            return result
        if called.reads_a_number or called.is_shaped_by_values:
            return self._known(called, func, args, kwargs)
        if called.base == "index" and self._is_symbolic([t for t in _tensors(args[1]) if t.dtype is torch.bool]):
            self.stop("it picks elements by a condition on values, and how many there are depends on them")
        return self._recorded(called, func, args, kwargs)

    def _decomposed(self, called: Operation, args: Any, kwargs: Any) -> Any:
        if called.rule is None:
            return NotImplemented
        self._decomposing += 1
        try:
            with self:
                return called.rule(*args, **kwargs)
        except Exception:
            return NotImplemented  # what a rule doesn't cover the operation does itself, or raises a clearer error
        finally:
            self._decomposing -= 1

    def _known(self, called: Operation, func: Any, args: Any, kwargs: Any) -> Any:
        """An operation that only constants may go into; what it gives is one where it is used."""
        if self._is_symbolic((args, kwargs)):
            shaped = f"the shape of what `{plain_name(called.base)}` gives depends on values"
            self.stop(AS_NUMBER if called.reads_a_number else shaped)
        return func(*args, **kwargs)

    def _recorded(self, called: Operation, func: Any, args: Any, kwargs: Any) -> Any:
        if len(args) + len(kwargs) > MOST_ARGUMENTS:
            self.stop(f"it calls `{called.name}` with more than {MOST_ARGUMENTS} arguments")
        node = [called.name, [self.encoded(v) for v in args], {name: self.encoded(v) for name, v in kwargs.items()}]
        is_symbolic = self._is_symbolic((args, kwargs))
        result = func(*args, **kwargs)
        step = self._append(node)
        for position, name in called.written:
            self._note_writing(args[position] if position < len(args) else kwargs.get(name), is_symbolic)
        self._note_results(result, step, is_symbolic)
        return result

    def _append(self, node: Json) -> int:
        if len(self.nodes) == MOST_NODES:
            self.stop(f"it carries out more than {MOST_NODES:,} operations")
        self.nodes.append(node)
        return self.inputs + len(self.nodes) - 1

    def _note_writing(self, written: Any, is_symbolic: bool) -> None:
        for tensor in _tensors(written):
            storage = self._storage(tensor)
            self._written.add(storage)
            if self._copies[storage] > 1:
                self.stop(_HIDDEN_WAY)
            if is_symbolic:
                self._symbolic.add(storage)

    def _note_results(self, result: Any, step: int, is_symbolic: bool) -> None:
        if isinstance(result, torch.Tensor):
            self._note_result(result, {"r": step}, is_symbolic)
            return
        results = result if isinstance(result, tuple | list) else ()
        if len(results) > MOST_RESULTS:
            self.stop(f"an operation gives more than {MOST_RESULTS} tensors at once")
        for item, part in enumerate(results):
            if isinstance(part, torch.Tensor):
                self._note_result(part, {"r": [step, item]}, is_symbolic)

    def _note_result(self, tensor: torch.Tensor, reference: Json, is_symbolic: bool) -> None:
        storage = self._storage(tensor)
        self._references[self._memory(tensor, storage)] = reference
        if is_symbolic:
            self._symbolic.add(storage)

    def _is_symbolic(self, arguments: Any) -> bool:
        return any(self._storage(tensor) in self._symbolic for tensor in _tensors(arguments))

    def _reference(self, tensor: torch.Tensor) -> Json:
        """The step that gave this memory; a tensor from before the trace becomes a constant."""
        storage = self._storage(tensor)
        memory = self._memory(tensor, storage)
        if memory not in self._references:
            self._references[memory] = {"r": self._append(self._constant(tensor, storage))}
        return self._references[memory]

    def _constant(self, tensor: torch.Tensor, storage: int) -> Json:
        if storage in self._symbolic or storage in self._written:
            self.stop(_HIDDEN_WAY)
        self._copies[storage] += 1
        return constant(tensor)

    def _storage(self, tensor: torch.Tensor) -> int:
        if tensor.layout is not torch.strided:
            self.stop("it uses tensors that aren't dense")
        storage = tensor.untyped_storage()
        identity: int = storage._cdata
        self._storages.setdefault(identity, storage)
        return identity

    @staticmethod
    def _memory(tensor: torch.Tensor, storage: int) -> Memory:
        is_read_as = tensor.dtype, tensor.is_neg(), tensor.is_conj()
        return storage, tensor.storage_offset(), tensor.shape, tensor.stride(), *is_read_as


def _tensors(arguments: Any) -> Iterator[torch.Tensor]:
    """Every tensor in nested arguments."""
    if isinstance(arguments, torch.Tensor):
        yield arguments
    elif isinstance(arguments, tuple | list):
        for argument in arguments:
            yield from _tensors(argument)
    elif isinstance(arguments, dict):
        yield from _tensors(tuple(arguments.values()))
