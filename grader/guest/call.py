"""Carries out one call of a student's function: fresh inputs, a reset world, result and gradients as plain data."""

from __future__ import annotations

import builtins
import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import numpy as np
import torch
from safetensors.torch import load, save

from .frames import COTANGENT, DEEPEST
from .gpu import finish
from .load import Workspace
from .trouble import described

LARGEST_RESULT = 1 << 27
"""Bytes of tensors that one answer may hold."""

LONGEST_TUPLE = 32

Answer = tuple[dict[str, Any], bytes]


def carry_out(workspace: Workspace, request: dict[str, Any], payload: bytes) -> Answer:
    """Call the function; the answer's header and tensors."""
    function = workspace.found[request["function"]]
    tensors = load(payload) if payload else {}
    arguments = [argument(spec, tensors, request) for spec in request["arguments"]]
    before = [a.detach().clone() if isinstance(a, torch.Tensor) else None for a in arguments]
    try:
        with fresh_world(request):
            result = function(*arguments)
            finish(request["device"])  # an error of its operations is the call's, and so is the time they take
            names = [name for name in tensors if name.startswith(COTANGENT)]
            cotangents = [tensors[name] for name in sorted(names, key=lambda name: (len(name), name))]
            return _observed(result, arguments, before, cotangents, request)
    except BaseException as error:
        return {"status": "raised", **described(error, workspace.folder)}, b""


def argument(spec: dict[str, Any], tensors: dict[str, torch.Tensor], request: dict[str, Any]) -> Any:
    """One argument as the request describes it."""
    if "number" in spec:
        return spec["number"]
    if "generator" in spec:
        return torch.Generator().manual_seed(spec["generator"])
    tensor = tensors[spec["name"]].to(request["device"])
    if request["strided"]:
        tensor = _strided(tensor)
    if spec["name"] in request["differentiate"]:
        tensor.requires_grad_()
    return tensor


def _strided(tensor: torch.Tensor) -> torch.Tensor:
    """The same tensor with its axes in the opposite order in memory, or every other number of a vector.

    With two axes or more `view` can't flatten it; of an evenly strided buffer it could.
    """
    if tensor.dim() == 0:
        return tensor
    if tensor.dim() == 1:
        return torch.stack((tensor, tensor), dim=-1)[..., 0]
    backwards = tuple(reversed(range(tensor.dim())))
    return tensor.permute(backwards).contiguous().permute(backwards)


@contextmanager
def fresh_world(request: dict[str, Any]) -> Iterator[None]:
    """Reset what a submission may have changed globally, at import or in an earlier call."""
    torch.set_default_dtype(getattr(torch, request["default_dtype"]))
    torch.set_default_device(None)
    torch.set_grad_enabled(True)
    torch.set_num_threads(1)
    torch.autograd.set_detect_anomaly(False)
    torch.set_deterministic_debug_mode(0)
    _full_precision()
    # not torch.manual_seed: without a GPU that notes a stack trace for later, for which it looks at source files
    torch.default_generator.manual_seed(request["rng"])
    if request["device"] == "cuda":
        torch.cuda.manual_seed_all(request["rng"])
    random.seed(request["rng"])
    np.random.seed(request["rng"] % (1 << 32))
    builtins.input = _no_input
    with np.errstate(all="warn"), warnings.catch_warnings():
        _usual_warnings()
        yield


def _full_precision() -> None:
    """Products of float32 are to be as exact as float32 is: none of the faster formats of a GPU or of mkldnn."""
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction = False
    torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False


def _usual_warnings() -> None:
    """Python's own filters: what a submission turned into errors or off at import doesn't reach a call."""
    warnings.resetwarnings()
    for category in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
        warnings.simplefilter("ignore", category)


def _no_input(_prompt: object = "", /) -> str:
    raise RuntimeError("input() has nobody to answer it while a submission is graded; pass the value as an argument")


def _observed(
    result: Any, arguments: list[Any], before: list[Any], cotangents: list[torch.Tensor], request: dict[str, Any]
) -> Answer:
    outgoing: dict[str, torch.Tensor] = {}
    value = described_value(result, outgoing, 0)
    header: dict[str, Any] = {"status": "returned", "value": value, "device": _device(result)}
    names = [spec["name"] for spec in request["arguments"]]
    header["modified"] = [n for n, old, new in zip(names, before, arguments, strict=True) if differs(old, new)]
    if request["differentiate"]:
        inputs = {n: a for n, a in zip(names, arguments, strict=True) if n in request["differentiate"]}
        header |= _gradients(result, inputs, cotangents, outgoing)
    if sum(t.numel() * t.element_size() for t in outgoing.values()) > LARGEST_RESULT:
        raise MemoryError(f"the result is larger than {LARGEST_RESULT >> 20} MB")
    return header, save(outgoing) if outgoing else b""


def differs(before: Any, after: Any) -> bool:
    """Whether any element is another one; NaN equals itself."""
    if before is None:
        return False
    if before.shape != after.shape or before.dtype != after.dtype:
        return True
    now = after.detach()
    return not bool(((now == before) | (now.isnan() & before.isnan())).all())


def described_value(result: Any, outgoing: dict[str, torch.Tensor], depth: int) -> dict[str, Any]:
    """A result as a small tree; tensors go into `outgoing` and are named in it."""
    if issubclass(type(result), torch.Tensor):  # an object may say of itself that it is one
        return _described_tensor(result, outgoing)
    if type(result) is np.float64:  # a Python float too, as `np.interp` and `np.clip` give it
        result = float(result)
    if type(result) in (bool, int, float):
        return {"number": repr(result)[:400], "type": type(result).__name__}
    if isinstance(result, tuple | list) and depth < DEEPEST and len(result) <= LONGEST_TUPLE:
        # a class of the student's own may give more items than it says, and no end of them
        return {"items": [described_value(item, outgoing, depth + 1) for item in islice(result, LONGEST_TUPLE)]}
    return {"opaque": type(result).__name__[:100]}


def _described_tensor(result: torch.Tensor, outgoing: dict[str, torch.Tensor]) -> dict[str, Any]:
    layout_of: Any = torch.Tensor.layout
    layout = layout_of.__get__(result)
    if layout is not torch.strided:  # which has no memory that the next line could hand on
        return {"opaque": f"a tensor of {layout}"[:100]}
    plain = torch.Tensor.detach(result).as_subclass(torch.Tensor)
    if plain.is_nested or plain.is_meta or plain.is_quantized or plain.is_complex():
        kind = "a nested tensor" if plain.is_nested else "a tensor"
        return {"opaque": f"{kind} of {plain.dtype}, on {plain.device}"[:100]}
    name = f"value{len(outgoing)}"
    outgoing[name] = plain.cpu().contiguous().clone()
    return {"tensor": name}


def _device(result: Any) -> str:
    """Where the first tensor of a result is; a list may hold itself."""
    for _ in range(DEEPEST):
        if isinstance(result, tuple | list) and result:
            result = result[0]
    return result.device.type if isinstance(result, torch.Tensor) else "cpu"


def _gradients(
    result: Any, inputs: dict[str, torch.Tensor], cotangents: list[torch.Tensor], outgoing: dict[str, torch.Tensor]
) -> dict[str, Any]:
    """The gradient of Σ cotangent · result over all results, with respect to each input."""
    absent: dict[str, Any] = {"gradients": dict.fromkeys(inputs), "gradient_error": None}
    results = list(islice(result, LONGEST_TUPLE)) if isinstance(result, tuple | list) else [result]
    if len(results) != len(cotangents or results):
        return absent | {"gradient_error": f"{len(results)} of {len(cotangents)} results came back"}
    weights: list[torch.Tensor | None] = [*cotangents] or [None] * len(results)
    pairs = zip(results, weights, strict=True)
    connected = [(r, c) for r, c in pairs if isinstance(r, torch.Tensor) and r.requires_grad]
    if not connected:
        return absent | {"gradient_error": "the result is not connected to the inputs by differentiable operations"}
    try:
        for part, cotangent in connected:
            if cotangent is not None and cotangent.shape != part.shape:
                return absent | {"gradient_error": f"the result has shape {tuple(part.shape)}"}
        terms = [(part if weight is None else part * weight.to(part)).sum() for part, weight in connected]
        # a scalar, because autograd imports much at its first use with weights of its own: half a second
        found = torch.autograd.grad(sum(terms[1:], terms[0]), list(inputs.values()), allow_unused=True)
    except Exception as error:
        return absent | {"gradient_error": f"{type(error).__name__}: {error}"[:400]}
    names: dict[str, str | None] = {}
    for name, gradient in zip(inputs, found, strict=True):
        names[name] = None if gradient is None else f"gradient {name}"
        if gradient is not None:
            outgoing[f"gradient {name}"] = gradient.detach().cpu().contiguous().clone()
    return {"gradients": names, "gradient_error": None}
