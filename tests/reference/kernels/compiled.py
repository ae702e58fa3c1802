"""Compiles kernels for GPUs that are not there: `python -m tests.reference.kernels.compiled layer_norm`.

A line of JSON for each launch. The functions are called with tensors on the device "meta", at the sizes that
`WORKLOADS` names; what they would launch is handed to Triton's compiler and the assembler that comes with it. That
shows that a kernel compiles, what memory a multiprocessor has to give it, and whether its variables fit its registers.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

os.environ.pop("TRITON_INTERPRET", None)
os.environ["TRITON_DEFAULT_FP_FUSION"] = "1"

import torch
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from triton.runtime.jit import JITFunction

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.model.signature import Gradient, Number, Signature, Tensor
from reference.kernels import kernel, launch

CAPABILITIES = {80: 163 * 1024, 86: 99 * 1024, 90: 227 * 1024}
"""A100; RTX 30 and the laptops of students; H100 and H200. With the bytes of shared memory that a program may use."""

Workload = tuple[dict[str, Any], tuple[int, ...]]
"""Axis sizes and numbers by name, and the batch dimensions."""

TRAJECTORIES = ((128, (16,)), (1_000_000, ()), (10_000, (300,)), (2048, (65_536,)))
"""Steps, and environments that took them: few, so long that time is shared out, in between, and many."""

WORKLOADS: dict[str, tuple[Workload, ...]] = {
    "additive_score": (
        ({"L_q": 37, "L_k": 41, "d": 16, "d_a": 8}, (2,)),
        ({"L_q": 1024, "L_k": 1024, "d": 64, "d_a": 64}, (32,)),
    ),
    "categorical_entropy": tuple(({"A": a}, (16_384,)) for a in (2, 17, 1024, 8192, 50_257)),
    "cosine_score": (
        ({"L_q": 37, "L_k": 41, "d": 16, "eps": 1e-8}, (2,)),
        ({"L_q": 2048, "L_k": 2048, "d": 64, "eps": 1e-8}, (32,)),
        ({"L_q": 4096, "L_k": 4096, "d": 1024, "eps": 1e-8}, (4,)),
    ),
    "layer_norm": tuple(({"d": d, "eps": 1e-5}, (8192,)) for d in (1024, 64, 4096, 8192, 16_384, 50_000)),
    "layer_norm_backward": tuple(({"d": d, "eps": 1e-5}, (8192,)) for d in (1024, 64, 4096, 8192, 16_384, 50_000)),
    "masked_attention": tuple(
        ({"L_q": length, "L_k": length, "d_k": d, "d_v": d}, batch)
        for length, d, batch in ((37, 5, (2,)), (4096, 64, (4, 16)), (4096, 128, (4, 16)), (4096, 256, (4, 8)))
    ),
    "multiplicative_score": (
        ({"L_q": 37, "L_k": 41, "d": 16}, (2,)),
        ({"L_q": 4096, "L_k": 4096, "d": 1024}, (4,)),
    ),
    "relative_attention": tuple(
        ({"L": length, "d_k": d, "d_v": d}, batch)
        for length, d, batch in ((37, 5, (2,)), (2048, 64, (4, 16)), (2048, 128, (4, 16)), (2048, 256, (4, 8)))
    ),
    "discounted_returns": tuple(({"T": t, "gamma": 0.99}, batch) for t, batch in TRAJECTORIES),
    "generalized_advantage_estimate": tuple(({"T": t, "gamma": 0.99, "lam": 0.95}, batch) for t, batch in TRAJECTORIES),
    "n_step_advantages": tuple(({"T": t, "B": b, "gamma": 0.99}, ()) for t, b in ((128, 16), (2048, 65_536))),
    "td_error": tuple(({"T": t, "gamma": 0.99}, batch) for t, batch in TRAJECTORIES),
    "sarsa_td_error": tuple(({"N": n, "A": a, "gamma": 0.99}, ()) for n, a in ((100, 6), (1 << 20, 18))),
    "td3_target": tuple(({"N": n, "gamma": 0.99}, ()) for n in (256, 1 << 26)),
    "sac_target": tuple(({"N": n, "gamma": 0.99, "alpha": 0.2}, ()) for n in (256, 1 << 26)),
    "policy_gradient_loss": tuple(({"A": a, "N": 16_384}, ()) for a in (2, 17, 1024, 8192, 50_257)),
    "ppo_loss": tuple(
        ({"A": a, "N": 16_384, "epsilon": 0.2, "value_coef": 0.5, "entropy_coef": 0.01}, ())
        for a in (2, 17, 1024, 8192, 50_257)
    ),
}


@dataclass(frozen=True, slots=True)
class Compiled:
    """One launch, compiled for one capability."""

    problem: str
    sizes: str
    dtype: str
    function: str
    capability: int
    most_shared: int
    """Bytes of shared memory that there are."""

    shared: int
    """Bytes of a multiprocessor's shared memory."""

    registers: int
    stack: int
    """Bytes of variables for which there was no register, of each thread."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=list(WORKLOADS), metavar="KERNEL")
    parser.add_argument("--capability", type=int, nargs="*", choices=CAPABILITIES, default=list(CAPABILITIES))
    parser.add_argument("--dtype", nargs="*", default=["float32", "bfloat16"])
    parser.add_argument("--first", action="store_true", help="only the first workload of each kernel")
    given = parser.parse_args()
    for name in given.names:
        for workload in WORKLOADS[name][: 1 if given.first else None]:
            for dtype in given.dtype:
                for capability in given.capability:
                    _tell(name, workload, dtype, capability)


def _tell(name: str, workload: Workload, dtype: str, capability: int) -> None:
    launch.SHARED_MEMORY = CAPABILITIES[capability]
    for function, source, options in _launches(name, workload, getattr(torch, dtype)):
        told = _compiled(source, options, capability)
        compiled = Compiled(name, str(workload), dtype, function, capability, launch.SHARED_MEMORY, *told)
        print(json.dumps(asdict(compiled)), flush=True)


def _launches(name: str, workload: Workload, dtype: torch.dtype) -> Iterator[tuple[str, ASTSource, dict[str, Any]]]:
    """What calling the kernel forward and backward launches."""
    launched: list[tuple[JITFunction[Any], tuple[Any, ...], dict[str, Any]]] = []

    def note(self: JITFunction[Any], *args: Any, grid: Any, warmup: bool, **kwargs: Any) -> None:
        launched.append((self, args, kwargs))

    JITFunction.run = note
    (place,) = (place for place in bundled().places if place.id == name)
    inputs = _inputs(load(place).problem.signature, workload, dtype)
    function = kernel(name)
    assert function is not None
    result = function(**inputs)
    results = [each for each in (result if isinstance(result, tuple) else (result,)) if each.requires_grad]
    if results:
        torch.autograd.backward(results, [torch.empty_like(each) for each in results])
    if not launched:
        raise AssertionError(f"{name} launches nothing")
    for jitted, args, kwargs in launched:
        yield jitted.__name__, *_source(jitted, args, kwargs)


def _inputs(signature: Signature, workload: Workload, dtype: torch.dtype) -> dict[str, Any]:
    sizes, batch = workload
    inputs: dict[str, Any] = {}
    for name, argument in signature.arguments.items():
        if isinstance(argument, Tensor):
            kind = torch.int64 if argument.is_integer else dtype
            tensor = torch.empty(argument.shape(sizes, batch), dtype=kind, device="meta")
            inputs[name] = tensor.requires_grad_(argument.gradient is Gradient.GRADED)
        else:
            assert isinstance(argument, Number)
            inputs[name] = sizes[name]
    return inputs


def _source(
    jitted: JITFunction[Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[ASTSource, dict[str, Any]]:
    """As Triton would specialise it: a 1 is a constant, and multiples of 16 are known to be such."""
    names = [parameter.name for parameter in jitted.params]
    constant = {parameter.name for parameter in jitted.params if parameter.is_constexpr}
    given = dict(zip(names, args, strict=False)) | {n: v for n, v in kwargs.items() if n in names}
    options = {n: v for n, v in kwargs.items() if n not in names}
    signature, constants, attributes = {}, {}, {}
    for position, name in enumerate(names):
        value = given[name]
        if name in constant or value is None or (type(value) is int and value == 1):
            signature[name], constants[name] = "constexpr", value
        else:
            signature[name] = _type_of(value)
            if isinstance(value, torch.Tensor) or (type(value) is int and value % 16 == 0):
                attributes[(position,)] = [["tt.divisibility", 16]]
    return ASTSource(jitted, signature, constants, attributes), options


def _type_of(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return "*" + {
            torch.float32: "fp32", torch.bfloat16: "bf16", torch.float16: "fp16", torch.int64: "i64",
            torch.int32: "i32", torch.bool: "i1", torch.uint8: "u8",
        }[value.dtype]  # fmt: skip
    return {bool: "i1", float: "fp32"}.get(type(value)) or ("i32" if abs(value) < 1 << 31 else "i64")


def _compiled(source: ASTSource, options: dict[str, Any], capability: int) -> tuple[int, int, int]:
    """Bytes of shared memory, registers of a thread, and its bytes of stack."""
    done = triton.compile(source, target=GPUTarget("cuda", capability, 32), options=options)
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        Path(file.name).write_bytes(done.asm["cubin"])
        tool = triton.knobs.nvidia.cuobjdump.path
        told = subprocess.run([tool, "-res-usage", file.name], capture_output=True, text=True, check=True).stdout
    used = re.search(r"REG:(\d+) STACK:(\d+)", told)
    assert used is not None, told
    return done.metadata.shared, int(used[1]), int(used[2])


if __name__ == "__main__":
    main()
