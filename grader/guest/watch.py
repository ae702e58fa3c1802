"""Watches the functions of PyTorch that a student calls: notes their names, and stops where values leave it unseen."""

from __future__ import annotations

from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from .recorder import AS_NUMBER, Recorder

_OUT_OF_TORCH = "it takes values out of PyTorch, as by a round trip through NumPy"

_Tensor = torch.Tensor

_LEAVING: dict[Any, str] = {
    **dict.fromkeys(
        (_Tensor.numpy, _Tensor.__array__, _Tensor.tolist, _Tensor.data_ptr, _Tensor.__dlpack__,
         _Tensor.untyped_storage, _Tensor.storage, _Tensor._typed_storage, _Tensor.__deepcopy__,
         _Tensor.__reduce_ex__, _Tensor.__cuda_array_interface__.__get__), _OUT_OF_TORCH),
    **dict.fromkeys(
        (_Tensor.item, _Tensor.__float__, _Tensor.__int__, _Tensor.__bool__, _Tensor.__index__, _Tensor.__complex__),
        AS_NUMBER),
}  # fmt: skip
"""What a tensor that depends on an input can't be asked for, with the reason."""

_FROM_NUMBERS = frozenset({torch.tensor, torch.as_tensor, torch.asarray, _Tensor.new_tensor})
"""They read the tensors in a list as numbers, below everything that could see it."""

_SHOWING = frozenset({_Tensor.__repr__, _Tensor.__format__})


class Watch(TorchFunctionMode):
    """Sees what the recorder can't: names as they are called, and ways around the dispatcher.

    What a function of PyTorch that is written in Python calls inside is seen by the recorder alone.
    """

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Note one call, and carry it out."""
        name = getattr(func, "__name__", "__get__")
        if name not in ("__get__", "__set__"):  # of properties: shape, dtype
            self._recorder.note(name)
        kwargs = kwargs or {}
        if func in _SHOWING:
            with self._recorder.paused():
                return func(*args, **kwargs)
        self._keep_inside(func, args, kwargs)
        return func(*args, **kwargs)

    def _keep_inside(self, func: Any, args: Any, kwargs: Any) -> None:
        if func in _LEAVING and self._is_symbolic(args[0]):
            self._recorder.stop(_LEAVING[func])
        if func in _FROM_NUMBERS and any(self._lists_symbolic(data) for data in (*args, *kwargs.values())):
            self._recorder.stop(f"it makes a tensor of numbers by `{func.__name__}`, where `stack` would keep them")

    def _lists_symbolic(self, data: Any) -> bool:
        return isinstance(data, tuple | list) and any(self._is_symbolic(p) or self._lists_symbolic(p) for p in data)

    def _is_symbolic(self, value: Any) -> bool:
        return isinstance(value, torch.Tensor) and self._recorder.depends(value)
