"""The kernel of relative attention where the problem's cases don't reach: edges of blocks, strides, empties."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from reference import relative as of_reference
from reference.kernels import relative_attention as kernels
from reference.kernels.attention import Blocks
from reference.kernels.relative_attention import relative_attention

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(12)


@pytest.fixture
def tiny_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small inputs have several blocks, and bands of diagonals."""
    monkeypatch.setattr(kernels, "blocks_for", lambda *_: Blocks(16, 16, warps=4, stages=2))


def drawn(rng: torch.Generator, batch: tuple[int, ...], length: int, d_k: int, d_v: int) -> list[Tensor]:
    shapes = ((*batch, length, d_k), (*batch, length, d_k), (*batch, length, d_v), (2 * length - 1, d_k))
    return [torch.randn(shape, generator=rng).to(DEVICE) for shape in shapes]


def assert_agrees(inputs: list[Tensor]) -> None:
    """Values and gradients, against the reference in float64, in units of the largest element."""
    leaves = [tensor.detach().requires_grad_() for tensor in inputs]
    exact = [tensor.detach().double().requires_grad_() for tensor in inputs]
    found, expected = relative_attention(*leaves), of_reference.relative_attention(*exact)
    weights = torch.randn(expected.shape, generator=torch.Generator().manual_seed(0)).to(expected)
    pairs = [(found, expected)]
    pairs += zip(
        torch.autograd.grad(found, leaves, weights.to(found)),
        torch.autograd.grad(expected, exact, weights),
        strict=True,
    )
    for one, other in pairs:
        torch.testing.assert_close(one.double(), other, rtol=0.0, atol=1e-5 * float(other.detach().abs().max()))


@pytest.mark.parametrize("length", [15, 16, 17, 48])
def test_blocks_and_bands_join_without_a_seam(tiny_blocks, rng, length) -> None:
    assert_agrees(drawn(rng, (), length, 5, 3))


def test_sequences_are_shared_out_and_all_of_them_counted(tiny_blocks, rng, monkeypatch) -> None:
    monkeypatch.setattr(kernels, "programs_for", lambda *_: 8)  # two for each band
    assert_agrees(drawn(rng, (5,), 20, 3, 2))


def test_what_stands_beyond_the_last_position_is_not_read(tiny_blocks, rng) -> None:
    queries, keys, values, embeddings = drawn(rng, (), 40, 4, 2)
    for tensor in (queries, keys, values):
        tensor[19:] = float("nan")
    room = torch.full((79, 4), float("nan"), device=DEVICE)
    room[20:57] = embeddings[:37]
    assert_agrees([queries[:19], keys[:19], values[:19], room[20:57]])


def test_strides_and_shared_batches_are_followed(rng) -> None:
    queries, keys, values, embeddings = drawn(rng, (2, 3), 6, 4, 3)
    assert_agrees([
        queries.mT.contiguous().mT,
        keys[:1].expand(2, 3, 6, 4),
        values[0, 0],
        embeddings.T.contiguous().T,
    ])  # fmt: skip


def test_nothing_gives_nothing() -> None:
    sequence = torch.ones(0, 3, 4, device=DEVICE, requires_grad=True)
    embeddings = torch.ones(5, 4, device=DEVICE, requires_grad=True)
    result = relative_attention(sequence, sequence, sequence, embeddings)
    assert result.shape == (0, 3, 4)
    result.sum().backward()
    assert embeddings.grad is not None
    assert not embeddings.grad.any()


def test_the_same_inputs_give_the_same_bits(tiny_blocks, rng) -> None:
    inputs = drawn(rng, (3,), 20, 5, 3)

    def once() -> list[Tensor]:
        leaves = [tensor.clone().requires_grad_() for tensor in inputs]
        result = relative_attention(*leaves)
        return [result, *torch.autograd.grad(result.square().sum(), leaves)]

    assert all(torch.equal(one, other) for one, other in zip(once(), once(), strict=True))


def test_a_table_of_other_distances_is_refused(rng) -> None:
    queries, keys, values, embeddings = drawn(rng, (), 6, 4, 3)
    with pytest.raises(ValueError, match=r"got 6 queries of 4 elements, 6 keys, and \(10, 4\)"):
        relative_attention(queries, keys, values, embeddings[1:])
    with pytest.raises(ValueError, match=r"got 6 queries of 4 elements, 5 keys"):
        relative_attention(queries, keys[1:], values[1:], embeddings)
