"""Draws the inputs of a timed call from recipes and a seed: the sandbox and the host make the same from the same."""

from __future__ import annotations

from typing import Any

import torch

Recipe = dict[str, Any]
"""Plain JSON: `name`, `kind`, and what the kind needs; tensors have a `shape`."""


def draw(recipes: list[Recipe], seed: int, device: str, dtype: torch.dtype) -> dict[str, Any]:
    """The arguments by name, in order; floating ones in `dtype`, indices in int64, numbers as they are.

    Raises:
        ValueError: there is no recipe of a kind.
    """
    rng = torch.Generator(device).manual_seed(seed)
    drawn: dict[str, Any] = {}
    for recipe in recipes:
        name = recipe["name"]
        drawn[name] = recipe["value"] if recipe["kind"] == "number" else _tensor(recipe, drawn, rng, dtype)
    return drawn


def _tensor(recipe: Recipe, drawn: dict[str, Any], rng: torch.Generator, dtype: torch.dtype) -> torch.Tensor:
    shape: list[int] = recipe["shape"]
    match recipe["kind"]:
        case "normal":
            return normal(shape, rng, dtype).mul_(recipe["std"]).add_(recipe["mean"])
        case "near":
            return normal(shape, rng, dtype).mul_(recipe["std"]).add_(drawn[recipe["argument"]])
        case "uniform":
            return _unit(shape, rng, dtype).mul_(recipe["high"] - recipe["low"]).add_(recipe["low"])
        case "flags":
            return torch.lt(_unit(shape, rng, dtype), recipe["probability"]).to(dtype)
        case "log_probs":
            return _unit(shape, rng, dtype).mul_(0.95).add_(0.05).log_()
        case "indices":
            return torch.randint(int(recipe["below"]), shape, generator=rng, device=rng.device)
        case "additive_mask":
            return _mask(torch.lt(_unit(shape, rng, dtype), recipe["probability"]), dtype)
        case "causal_mask":
            return torch.full(shape, float("-inf"), device=rng.device, dtype=dtype).triu_(shape[-1] - shape[-2] + 1)
        case other:
            raise ValueError(f"there is no recipe {other!r}")


def normal(shape: list[int], rng: torch.Generator, dtype: torch.dtype) -> torch.Tensor:
    """Independent standard normal values, on the generator's device."""
    return torch.randn(shape, generator=rng, device=rng.device, dtype=dtype)


def _unit(shape: list[int], rng: torch.Generator, dtype: torch.dtype) -> torch.Tensor:
    return torch.rand(shape, generator=rng, device=rng.device, dtype=dtype)


def _mask(closed: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """−inf where closed; no row is closed fully, the diagonal never."""
    closed.diagonal(dim1=-2, dim2=-1).fill_(False)
    closed[..., closed.shape[-1] :, 0] = False  # rows below the diagonal's end
    return torch.zeros(closed.shape, device=closed.device, dtype=dtype).masked_fill_(closed, float("-inf"))
