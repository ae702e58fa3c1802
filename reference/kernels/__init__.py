"""Kernels for the GPU, in Triton, of concepts that have a clear reference beside them: the same names and signatures.

They take float32, bfloat16 and float16 tensors of any strides, accumulate in float32, and are differentiable like their
references. Triton is an optional extra (`pip install 'rl-transformer-grader[gpu]'`; PyTorch for CUDA brings it along).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

KERNELS: Mapping[str, str] = {
    "additive_score": "additive",
    "categorical_entropy": "categorical",
    "cosine_score": "scores",
    "discounted_returns": "scan",
    "generalized_advantage_estimate": "scan",
    "layer_norm": "normalization",
    "layer_norm_backward": "normalization",
    "masked_attention": "attention",
    "multiplicative_score": "scores",
    "n_step_advantages": "scan",
    "policy_gradient_loss": "categorical",
    "ppo_loss": "ppo",
    "relative_attention": "relative_attention",
    "sac_target": "td",
    "sarsa_td_error": "td",
    "td3_target": "td",
    "td_error": "td",
}
"""The concepts that have a kernel, each with the module that holds it."""


def kernel(name: str) -> Callable[..., Any] | None:
    """The kernel of a concept, called like its reference; None where there is none, or Triton is not installed."""
    if name not in KERNELS or find_spec("triton") is None:
        return None
    function: Callable[..., Any] = getattr(import_module(f"{__name__}.{KERNELS[name]}"), name)
    return function
