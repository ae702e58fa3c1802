"""Kernels of attention where the problems' cases don't reach: edges of blocks, strides, empties, leaks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from reference import attention as of_reference
from reference.kernels import attention
from reference.kernels.attention import Blocks, causal_attention, masked_attention
from reference.multi_head import causal_mask

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
CLOSED = float("-inf")

pytestmark = pytest.mark.filterwarnings(
    "ignore:(divide by zero|invalid value|overflow) encountered:RuntimeWarning"  # of the interpreter's
)


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(11)


@pytest.fixture(params=[(16, 32), (32, 16)], ids=["wide", "tall"])
def tiny_blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small inputs have several blocks of queries and of keys."""
    blocks = Blocks(*request.param, warps=4, stages=2)
    monkeypatch.setattr(attention, "blocks_for", lambda *_: blocks)


def drawn(rng: torch.Generator, *shapes: tuple[int, ...]) -> list[Tensor]:
    return [torch.randn(shape, generator=rng).to(DEVICE) for shape in shapes]


def assert_agrees(kernel: Callable[..., Tensor], inputs: list[Tensor], mask: Tensor, rtol: float = 1e-5) -> None:
    """Values and gradients, against the reference in float64, in units of the largest element."""
    rng = torch.Generator().manual_seed(0)
    leaves = [tensor.detach().requires_grad_() for tensor in inputs]
    exact = [tensor.detach().double().requires_grad_() for tensor in inputs]
    found = kernel(*leaves)
    expected = of_reference.masked_attention(*exact, mask.double())
    weights = torch.randn(expected.shape, generator=rng).to(expected)
    pairs = [(found, expected)]
    pairs += zip(
        torch.autograd.grad(found, leaves, weights.to(found)),
        torch.autograd.grad(expected, exact, weights),
        strict=True,
    )
    for one, other in pairs:
        assert one.dtype == inputs[0].dtype
        torch.testing.assert_close(one.double(), other, rtol=0.0, atol=rtol * float(other.detach().abs().max()))


def random_mask(rng: torch.Generator, length_q: int, length_k: int) -> Tensor:
    """Finite biases and closed positions, with the first key open for all."""
    mask = torch.randn(length_q, length_k, generator=rng)
    closed = torch.rand(length_q, length_k, generator=rng) < 0.5
    closed[:, 0] = False
    return mask.masked_fill(closed, CLOSED).to(DEVICE)


@pytest.mark.parametrize(("length_q", "length_k"), [(33, 32), (32, 33), (15, 49), (1, 64)])
def test_blocks_join_without_a_seam(tiny_blocks, rng, length_q, length_k) -> None:
    inputs = drawn(rng, (2, length_q, 5), (2, length_k, 5), (2, length_k, 3))
    mask = random_mask(rng, length_q, length_k)
    assert_agrees(lambda q, k, v: masked_attention(q, k, v, mask), inputs, mask)


@pytest.mark.parametrize(("length_q", "length_k"), [(33, 33), (64, 64), (20, 50), (50, 20)])
def test_causal_attention_is_attention_with_the_causal_mask(tiny_blocks, rng, length_q, length_k) -> None:
    inputs = drawn(rng, (2, length_q, 5), (2, length_k, 5), (2, length_k, 3))
    longest = max(length_q, length_k)
    mask = causal_mask(longest)[:length_q, :length_k].to(DEVICE)
    assert mask[0, 1] == CLOSED
    assert_agrees(causal_attention, inputs, mask)


def test_blocks_that_are_closed_wholly_are_skipped_over_without_nan(tiny_blocks, rng) -> None:
    mask = torch.full((40, 70), CLOSED)
    mask[:20, 66] = 0.0  # only a key of the last block
    mask[20:, 3] = 0.0  # only one of the first
    mask[20:, 69] = 0.5
    inputs = drawn(rng, (40, 4), (70, 4), (70, 2))
    assert_agrees(lambda q, k, v: masked_attention(q, k, v, mask.to(DEVICE)), inputs, mask.to(DEVICE))


def test_what_stands_beyond_the_last_key_is_not_read(tiny_blocks, rng) -> None:
    queries, keys, values = drawn(rng, (17, 4), (40, 4), (40, 2))
    keys[19:] = float("nan")
    values[19:] = float("nan")
    mask = torch.zeros(17, 40, device=DEVICE)[:, :19]
    inputs = [queries, keys[:19], values[:19]]
    assert_agrees(lambda q, k, v: masked_attention(q, k, v, mask), inputs, mask)
    assert_agrees(causal_attention, inputs, causal_mask(19)[:17].to(DEVICE))


def test_heads_that_lie_between_the_positions_are_read_where_they_are(rng) -> None:
    (packed,) = drawn(rng, (2, 7, 3, 3, 4))  # batch, position, query or key or value, head, feature
    inputs = list(packed.permute(2, 0, 3, 1, 4).unbind(0))
    assert attention.sequences_of(inputs[0]).data_ptr() == packed.data_ptr()
    assert_agrees(causal_attention, inputs, causal_mask(7).to(DEVICE))


def test_transposed_and_repeated_tensors_are_what_they_stand_for(rng) -> None:
    queries, keys, values, mask = drawn(rng, (4, 5), (1, 4, 6), (6, 3), (6, 5))
    inputs = [queries.T.expand(2, 3, 5, 4), keys.mT.expand(2, 3, 6, 4), values[:, :1].expand(2, 3, 6, 3)]
    assert_agrees(lambda q, k, v: masked_attention(q, k, v, mask.T), inputs, mask.T)
    column = mask[:5, :1].expand(5, 6)
    assert_agrees(lambda q, k, v: masked_attention(q, k, v, column), inputs, column)


def test_a_batch_that_one_input_lacks_is_shared(rng) -> None:
    inputs = drawn(rng, (2, 3, 5, 4), (3, 6, 4), (6, 2))
    mask = random_mask(rng, 5, 6)
    assert_agrees(lambda q, k, v: masked_attention(q, k, v, mask), inputs, mask)


def test_a_gradient_that_is_one_number_repeated_is_read_right(rng) -> None:
    queries, keys, values = drawn(rng, (5, 4), (6, 4), (6, 2))
    values.requires_grad_()
    masked_attention(queries, keys, values, torch.zeros(5, 6, device=DEVICE)).sum().backward()
    torch.testing.assert_close(values.grad.sum(), torch.tensor(10.0, device=DEVICE))


@pytest.mark.parametrize("shape", [(0, 3, 4), (2, 0, 4)], ids=["no sequences", "no queries"])
def test_nothing_gives_nothing(shape) -> None:
    queries = torch.ones(shape, device=DEVICE, requires_grad=True)
    keys = torch.ones(shape[0], 5, 4, device=DEVICE, requires_grad=True)
    result = masked_attention(queries, keys, keys, torch.zeros(shape[1], 5, device=DEVICE))
    assert result.shape == shape
    result.sum().backward()
    assert keys.grad is not None
    assert not keys.grad.any()


def test_without_keys_nothing_is_read() -> None:
    queries, keys = torch.ones(2, 4, device=DEVICE, requires_grad=True), torch.ones(0, 4, device=DEVICE)
    result = causal_attention(queries, keys, keys)
    assert torch.equal(result, of_reference.masked_attention(queries, keys, keys, keys.new_zeros(2, 0)))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16], ids=str)
def test_scores_of_ten_thousand_leave_a_lone_weight_at_one(dtype, rng) -> None:
    """A weight of 1.0003, which is what it comes to where products are rounded carelessly, is not 1 in float16."""
    keys = torch.diag(torch.tensor([97.3, 99.1, 101.9])).to(DEVICE, dtype).requires_grad_()
    values = drawn(rng, (3, 64))[0].to(dtype)
    queries = 173.0 * torch.eye(3, dtype=dtype, device=DEVICE)
    for result in (
        masked_attention(queries, keys, values, torch.zeros(3, 3, dtype=dtype, device=DEVICE)),
        causal_attention(queries, keys, values),
    ):
        assert torch.equal(result, values)
        (gradient,) = torch.autograd.grad(result.float().square().sum(), keys)
        assert not gradient.any()


def test_the_same_inputs_give_the_same_bits(tiny_blocks, rng) -> None:
    inputs = drawn(rng, (40, 5), (40, 5), (40, 3))

    def once() -> list[Tensor]:
        leaves = [tensor.clone().requires_grad_() for tensor in inputs]
        result = causal_attention(*leaves)
        return [result, *torch.autograd.grad(result.square().sum(), leaves)]

    assert all(torch.equal(one, other) for one, other in zip(once(), once(), strict=True))


def test_vectors_of_256_elements_are_taken_and_longer_ones_refused(rng) -> None:
    queries, keys, values = drawn(rng, (2, 256), (3, 256), (3, 200))
    mask = torch.zeros(2, 3, device=DEVICE)
    assert_agrees(lambda q, k, v: masked_attention(q, k, v, mask), [queries, keys, values], mask)
    with pytest.raises(ValueError, match="up to 256 elements, and got d_v = 257"):
        masked_attention(queries, keys, torch.ones(3, 257, device=DEVICE), mask)


def test_shapes_that_do_not_belong_together_are_refused(rng) -> None:
    queries, keys, values = drawn(rng, (2, 4), (3, 4), (5, 4))
    with pytest.raises(ValueError, match=r"and got \(2, 4\), \(3, 4\) and \(5, 4\)"):
        causal_attention(queries, keys, values)
    with pytest.raises(ValueError, match=r"and got \(2, 4\), \(3, 2\) and \(3, 4\)"):
        causal_attention(queries, keys[:, :2], keys)


@pytest.mark.parametrize(("length", "queries", "warps"), [(64, 64, 4), (65, 128, 8)])
def test_short_sequences_take_small_blocks(length, queries, warps) -> None:
    assert Blocks(128, 32, 8, 2).for_queries(length) == Blocks(queries, 32, warps, 2)
    assert Blocks(32, 128, 8, 2).for_keys(length) == Blocks(32, queries, warps, 2)
