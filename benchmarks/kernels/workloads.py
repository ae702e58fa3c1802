"""What the kernels are measured with: sizes that fill an H200, inputs, and what has to be moved and computed for them.

Bytes and operations are those of the kernels' own docstrings, with the letters that are used there; s is the size of an
element. What a competitor moves beyond them is what it loses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import torch
from torch import Tensor

from benchmarks.kernels.library import LIBRARY, Library
from reference import attention, normalization, policy, ppo, relative, returns, similarity, targets, td
from reference.kernels import KERNELS, kernel

Sizes = Mapping[str, int]
Make = Callable[[Sizes, torch.dtype, torch.device], dict[str, Any]]
Count = Callable[..., int]


class Bound(Enum):
    """What a kernel's time is mostly spent on, and so what its work is counted in."""

    MEMORY = "B"
    MATRIX = "FLOP"
    TANH = "tanh"


@dataclass(frozen=True, slots=True)
class Workload:
    """One kernel with sizes, inputs, and counts of its work, in the unit of its bound."""

    name: str
    reference: Callable[..., Any]
    sizes: Sizes
    make: Make
    forward: Count
    both: Count | None = None
    """Forward and backward; None where there are no gradients."""

    differentiable: tuple[str, ...] = ()
    bound: Bound = Bound.MEMORY
    loops: bool = False
    """Whether the reference loops over time: compiling it unrolls the loop, for minutes."""

    libraries: tuple[Library, ...] = ()

    def kernel(self) -> Callable[..., Any]:
        """The function that is measured."""
        found = kernel(self.name) if self.name in KERNELS else _causal_kernel()
        if found is None:
            raise ModuleNotFoundError("kernels need Triton, which PyTorch for CUDA brings along: pip install triton")
        return found

    def work(self, dtype: torch.dtype, *, backward: bool) -> int:
        """How much of the bound's unit a call takes."""
        count = self.both if backward else self.forward
        assert count is not None
        return count(s=dtype.itemsize, **self.sizes)


def _causal_kernel() -> Callable[..., Any]:
    """No concept of a problem's, and so not among `KERNELS`."""
    from reference.kernels.attention import causal_attention  # noqa: PLC0415 - Triton may not be installed

    return causal_attention


def _normal(*shape: int, like: tuple[torch.dtype, torch.device], scale: float = 1.0) -> Tensor:
    dtype, device = like
    return torch.randn(shape, dtype=dtype, device=device) * scale


def _normalization(sizes: Sizes, *like: Any) -> dict[str, Any]:
    n, d = sizes["N"], sizes["d"]
    gamma, beta = _normal(d, like=like), _normal(d, like=like)
    return {"x": _normal(n, d, like=like), "gamma": gamma, "beta": beta, "eps": 1e-5}


def _normalization_backward(sizes: Sizes, *like: Any) -> dict[str, Any]:
    n, d = sizes["N"], sizes["d"]
    rows = {"grad_output": _normal(n, d, like=like), "x": _normal(n, d, like=like)}
    return rows | {"gamma": _normal(d, like=like), "eps": 1e-5}


def _actions(n: int, a: int, device: torch.device) -> Tensor:
    return torch.randint(0, a, (n,), device=device)


def _dones(*shape: int, like: tuple[torch.dtype, torch.device]) -> Tensor:
    return (torch.rand(shape, device=like[1]) < 0.01).to(like[0])


def _logits(sizes: Sizes, *like: Any) -> dict[str, Any]:
    return {"logits": _normal(sizes["N"], sizes["A"], like=like)}


def _policy(sizes: Sizes, *like: Any) -> dict[str, Any]:
    # returns around 1: a loss that is nearly 0 has a relative error of no meaning
    actions = _actions(sizes["N"], sizes["A"], like[1])
    return _logits(sizes, *like) | {"actions": actions, "returns": 1 + _normal(sizes["N"], like=like)}


def _ppo(sizes: Sizes, *like: Any) -> dict[str, Any]:
    n, a = sizes["N"], sizes["A"]
    old = -torch.full((n,), float(a), device=like[1]).log().to(like[0])
    samples = {each: 1 + _normal(n, like=like) for each in ("advantages", "values", "returns")}
    inputs = _logits(sizes, *like) | {"actions": _actions(n, a, like[1]), "old_log_prob": old} | samples
    return inputs | {"epsilon": 0.2, "value_coef": 0.5, "entropy_coef": 0.01}


def _steps(*names: str, **numbers: float) -> Make:
    """Tensors of that name of a number for each step, the `dones` among them, and numbers."""

    def make(sizes: Sizes, *like: Any) -> dict[str, Any]:
        shape = tuple(sizes[axis] for axis in ("T", "B", "N") if axis in sizes)
        tensors = {n: _dones(*shape, like=like) if n == "dones" else _normal(*shape, like=like) for n in names}
        return tensors | numbers

    return make


def _n_step(sizes: Sizes, *like: Any) -> dict[str, Any]:
    return _steps("rewards", "values", "dones", gamma=0.99)(sizes, *like) | {
        "bootstrap_value": _normal(sizes["B"], like=like)
    }


def _sarsa(sizes: Sizes, *like: Any) -> dict[str, Any]:
    n, a = sizes["N"], sizes["A"]
    return _steps("rewards", "dones", gamma=0.99)({"N": n}, *like) | {
        "q_values": _normal(n, a, like=like), "actions": _actions(n, a, like[1]),
        "next_q_values": _normal(n, a, like=like), "next_actions": _actions(n, a, like[1]),
    }  # fmt: skip


def _attention(sizes: Sizes, *like: Any) -> dict[str, Any]:
    s, h, d = sizes["S"], sizes["H"], sizes["d"]
    return {each: _normal(s, h, sizes["L"], d, like=like) for each in ("queries", "keys", "values")}


def _masked(sizes: Sizes, *like: Any) -> dict[str, Any]:
    return _attention(sizes, *like) | {"mask": _normal(sizes["L"], sizes["L"], like=like)}


def _relative(sizes: Sizes, *like: Any) -> dict[str, Any]:
    return _attention(sizes, *like) | {"embeddings": _normal(2 * sizes["L"] - 1, sizes["d"], like=like)}


def _vectors(sizes: Sizes, *like: Any) -> dict[str, Any]:
    return {each: _normal(sizes["N"], sizes["L"], sizes["d"], like=like) for each in ("queries", "keys")}


def _cosine(sizes: Sizes, *like: Any) -> dict[str, Any]:
    return _vectors(sizes, *like) | {"eps": 1e-8}


def _additive(sizes: Sizes, *like: Any) -> dict[str, Any]:
    d, h = sizes["d"], sizes["h"]
    weights = {each: _normal(h, d, like=like, scale=d**-0.5) for each in ("w_q", "w_k")}
    return _vectors(sizes, *like) | weights | {"v": _normal(h, like=like)}


def _multiplicative(sizes: Sizes, *like: Any) -> dict[str, Any]:
    d = sizes["d"]
    return _vectors(sizes, *like) | {"w": _normal(d, d, like=like, scale=d**-0.5)}


def _causal_reference(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    length = queries.shape[-2]
    mask = torch.full((length, length), -torch.inf, dtype=queries.dtype, device=queries.device).triu(1)
    return attention.masked_attention(queries, keys, values, mask)


def _scores(N: int, L: int, d: int, s: int) -> int:
    return N * (L * L + 2 * L * d) * s


def _bilinear(N: int, L: int, d: int, s: int) -> int:
    return 2 * N * L * d * (d + L)


def _hidden_units(N: int, L: int, d: int, h: int, s: int) -> int:
    return N * L * L * h


def _pairs(S: int, H: int, L: int, d: int, s: int) -> int:
    """Operations of one product of all queries and keys."""
    return 2 * S * H * L * L * d


def _thrice(count: Count) -> Count:
    """Backward takes twice what forward does."""
    return lambda **sizes: 3 * count(**sizes)


_QKV = ("queries", "keys", "values")
_LOGITS = {"N": 1 << 23, "A": 18}
_TIMES = {"T": 512, "B": 131_072}
_STEPS = {"N": 1 << 26}
_HEADS = {"S": 4, "H": 16, "L": 4096, "d": 64}

WORKLOADS: tuple[Workload, ...] = (
    Workload(
        "layer_norm", normalization.layer_norm, {"N": 32_768, "d": 4096}, _normalization,
        lambda N, d, s: 2 * N * d * s + 8 * N, lambda N, d, s: 5 * N * d * s + 16 * N,
        ("x", "gamma", "beta"), libraries=LIBRARY["layer_norm"],
    ),
    Workload(
        "layer_norm_backward", normalization.layer_norm_backward, {"N": 32_768, "d": 4096}, _normalization_backward,
        lambda N, d, s: 3 * N * d * s + 8 * N, libraries=LIBRARY["layer_norm_backward"],
    ),
    Workload(
        "categorical_entropy", policy.categorical_entropy, {"N": 131_072, "A": 1024}, _logits,
        lambda N, A, s: N * A * s + N * s, lambda N, A, s: 3 * N * A * s + 2 * N * s, ("logits",),
    ),
    Workload(
        "policy_gradient_loss", policy.policy_gradient_loss, _LOGITS, _policy,
        lambda N, A, s: N * A * s + N * (8 + s), lambda N, A, s: 2 * N * A * s + N * (8 + s), ("logits",),
    ),
    Workload(
        "ppo_loss", ppo.ppo_loss, _LOGITS, _ppo,
        lambda N, A, s: N * A * s + N * (8 + 4 * s), lambda N, A, s: 2 * N * A * s + N * (8 + 5 * s),
        ("logits", "values"),
    ),
    Workload(
        "discounted_returns", returns.discounted_returns, _TIMES, _steps("rewards", "dones", gamma=0.99),
        lambda T, B, s: 3 * T * B * s, loops=True,
    ),
    Workload(
        "generalized_advantage_estimate", returns.generalized_advantage_estimate, _TIMES,
        _steps("rewards", "values", "next_values", "dones", gamma=0.99, lam=0.95),
        lambda T, B, s: 5 * T * B * s, loops=True,
    ),
    Workload("n_step_advantages", td.n_step_advantages, _TIMES, _n_step, lambda T, B, s: 4 * T * B * s, loops=True),
    Workload(
        "td_error", returns.td_error, _STEPS, _steps("rewards", "values", "next_values", "dones", gamma=0.99),
        lambda N, s: 5 * N * s, lambda N, s: 7 * N * s, ("values",),
    ),
    Workload(
        "sarsa_td_error", td.sarsa_td_error, _LOGITS, _sarsa,
        lambda N, A, s: N * (3 * s + 16 + 64),
        lambda N, A, s: N * (3 * s + 16 + 64) + N * A * s + N * (s + 8), ("q_values",),
    ),
    Workload(
        "td3_target", targets.td3_target, _STEPS, _steps("rewards", "dones", "next_q1", "next_q2", gamma=0.99),
        lambda N, s: 5 * N * s,
    ),
    Workload(
        "sac_target", targets.sac_target, _STEPS,
        _steps("rewards", "dones", "next_q1", "next_q2", "next_log_prob", alpha=0.2, gamma=0.99),
        lambda N, s: 6 * N * s,
    ),
    Workload(
        "masked_attention", attention.masked_attention, _HEADS, _masked,
        lambda **sizes: 2 * _pairs(**sizes), lambda **sizes: (2 + 7) * _pairs(**sizes), _QKV, Bound.MATRIX,
        libraries=LIBRARY["masked_attention"],
    ),
    Workload(
        "causal_attention", _causal_reference, _HEADS, _attention,
        lambda **sizes: _pairs(**sizes), lambda **sizes: (2 + 7) * _pairs(**sizes) // 2, _QKV, Bound.MATRIX,
        libraries=LIBRARY["causal_attention"],
    ),
    Workload(
        "relative_attention", relative.relative_attention, {"S": 4, "H": 16, "L": 2048, "d": 64}, _relative,
        lambda **sizes: 3 * _pairs(**sizes), lambda **sizes: (3 + 18) * _pairs(**sizes),
        (*_QKV, "embeddings"), Bound.MATRIX,
    ),
    Workload(
        "cosine_score", similarity.cosine_score, {"N": 32, "L": 2048, "d": 64}, _cosine, _scores, _thrice(_scores),
        ("queries", "keys"), libraries=LIBRARY["cosine_score"],
    ),
    Workload(
        "additive_score", similarity.additive_score, {"N": 8, "L": 1024, "d": 64, "h": 64}, _additive,
        _hidden_units, _thrice(_hidden_units), ("queries", "keys", "w_q", "w_k", "v"), Bound.TANH,
    ),
    Workload(
        "multiplicative_score", similarity.multiplicative_score, {"N": 4, "L": 4096, "d": 1024}, _multiplicative,
        _bilinear, _thrice(_bilinear), ("queries", "keys", "w"), Bound.MATRIX,
    ),
)  # fmt: skip
"""Every kernel, once."""
