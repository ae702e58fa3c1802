"""Kernels of discrete policies where the problems' cases don't reach: parts of rows, strides, empties, kept graphs."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from reference import policy
from reference.kernels import categorical, losses
from reference.kernels.categorical import categorical_entropy, policy_gradient_loss

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
FORBIDDEN = float("-inf")

pytestmark = pytest.mark.filterwarnings(
    "ignore:(divide by zero|invalid value|overflow|All-NaN slice) encountered:RuntimeWarning"  # of the interpreter's
)


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(8)


@pytest.fixture
def tiny_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small inputs take the ways of large ones: rows longer than 16 are read in parts of 8."""
    monkeypatch.setattr(categorical, "LONGEST", 16)
    monkeypatch.setattr(categorical, "PART", 8)
    monkeypatch.setattr(categorical, "TILE", 32)
    monkeypatch.setattr(losses, "SCALED_AT_ONCE", 16)


def assert_entropy_agrees(logits: Tensor) -> None:
    """Values and gradients, against the reference in float64."""
    batch = logits.shape[:-1]
    weights = torch.linspace(-1, 1, batch.numel()).reshape(batch)
    found, expected = leaves(logits)
    result, right = categorical_entropy(found), policy.categorical_entropy(expected)
    close(result, right)
    (gradient,) = torch.autograd.grad(result, found, weights.to(DEVICE))
    close(gradient, *torch.autograd.grad(right, expected, weights.double()))


def assert_loss_agrees(logits: Tensor, actions: Tensor, returns: Tensor) -> None:
    """The loss, with and without a gradient, and its gradient, against the reference in float64."""
    found, expected = leaves(logits)
    result = policy_gradient_loss(found, actions.to(DEVICE), returns.to(DEVICE))
    right = policy.policy_gradient_loss(expected, actions, returns.double())
    close(result, right)
    close(policy_gradient_loss(found.detach(), actions.to(DEVICE), returns.to(DEVICE)), right)
    (gradient,) = torch.autograd.grad(3 * result, found)
    close(gradient, *torch.autograd.grad(3 * right, expected))


def leaves(logits: Tensor) -> tuple[Tensor, Tensor]:
    """The same for the kernel and, in float64, for the reference."""
    return logits.detach().to(DEVICE).requires_grad_(), logits.detach().double().requires_grad_()


def close(found: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(found.detach().cpu().double(), expected.detach(), rtol=2e-5, atol=2e-6, equal_nan=True)


@pytest.mark.parametrize("width", [1, 3, 8, 15, 16, 17, 24, 37])
def test_rows_of_any_width_are_shared_out_and_read_in_parts(width: int, tiny_blocks, rng: torch.Generator) -> None:
    logits = 5 * torch.randn(21, width, generator=rng)

    assert_entropy_agrees(logits)
    assert_loss_agrees(logits, torch.randint(width, (21,), generator=rng), torch.randn(21, generator=rng))


def test_widths_that_fill_no_block_are_read_column_by_column_in_order(rng: torch.Generator) -> None:
    for width in (3, 5, 17, 31):
        logits = 3 * torch.randn(300, width, generator=rng)
        assert categorical.tiles_of(logits)[1]["BY_COLUMN"]
        assert_entropy_agrees(logits)
        assert_loss_agrees(logits, torch.randint(width, (300,), generator=rng), torch.randn(300, generator=rng))


@pytest.mark.parametrize("width", [5, 8, 37])
def test_strides_are_followed(width: int, tiny_blocks, rng: torch.Generator) -> None:
    transposed = torch.randn(width, 7, generator=rng).t()
    spread = torch.randn(14, 2 * width, generator=rng)[::2, ::2]
    repeated = torch.randn(1, width, generator=rng).expand(7, width)
    actions = torch.randint(width, (21,), generator=rng)[::3]

    for logits in (transposed, spread, repeated):
        assert_entropy_agrees(logits)
        assert_loss_agrees(logits, actions, torch.tensor(0.5).expand(7))


@pytest.mark.parametrize("width", [6, 8, 37])
def test_forbidden_actions_count_nothing_wherever_the_first_allowed_one_is(
    width: int, tiny_blocks, rng: torch.Generator
) -> None:
    logits = torch.randn(5, width, generator=rng)
    logits[0, :-1] = FORBIDDEN  # whole parts without an allowed action come first
    logits[1, 1:] = FORBIDDEN
    logits[2, ::2] = FORBIDDEN
    logits[3, -1] = 1e4  # the maximum grows by more than an exponential can hold
    actions = torch.tensor([width - 1, 0, 1, width - 1, 0])

    assert_entropy_agrees(logits)
    assert_loss_agrees(logits, actions, torch.randn(5, generator=rng))
    assert categorical_entropy(logits.to(DEVICE)).isfinite().all()


@pytest.mark.parametrize("width", [6, 8, 37])
@pytest.mark.parametrize("strange", [FORBIDDEN, float("nan"), float("inf")])
def test_a_row_without_probabilities_is_nan_and_leaves_the_others_alone(
    strange: float, width: int, tiny_blocks, rng: torch.Generator
) -> None:
    logits = torch.randn(3, width, generator=rng)
    logits[1] = strange

    assert_entropy_agrees(logits)
    assert categorical_entropy(logits.to(DEVICE)).isnan().tolist() == [False, True, False]


def test_no_samples_give_what_the_references_give() -> None:
    assert_entropy_agrees(torch.empty(0, 3))
    assert_entropy_agrees(torch.empty(2, 0))
    assert_loss_agrees(torch.empty(0, 3), torch.empty(0, dtype=torch.int64), torch.empty(0))


@pytest.mark.parametrize("width", [4, 37])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16], ids=str)
def test_a_retained_graph_gives_its_gradient_again_and_leaves_the_first_as_it_was(
    dtype: torch.dtype, width: int, tiny_blocks, rng: torch.Generator
) -> None:
    logits = torch.randn(9, width, generator=rng).to(DEVICE, dtype).requires_grad_()
    actions = torch.randint(width, (9,), generator=rng).to(DEVICE)
    loss = policy_gradient_loss(logits, actions, torch.randn(9, generator=rng).to(DEVICE, dtype))

    (once,) = torch.autograd.grad(loss, logits, retain_graph=True)
    before = once.clone()
    (again,) = torch.autograd.grad(loss, logits, torch.full_like(loss, -2.0))

    assert torch.equal(once, before)
    torch.testing.assert_close(again, -2 * once)


def test_a_scaled_loss_keeps_small_gradients_from_underflowing_in_float16(rng: torch.Generator) -> None:
    logits = torch.randn(1000, 4, generator=rng).half()
    actions = torch.randint(4, (1000,), generator=rng)
    returns = torch.full((1000,), 2.0**-14).half()
    found, expected = leaves(logits)
    loss = policy_gradient_loss(found, actions.to(DEVICE), returns.to(DEVICE)).float()
    right = policy.policy_gradient_loss(expected, actions, returns.double())

    (gradient,) = torch.autograd.grad(loss * 2.0**15, found)
    (expected_gradient,) = torch.autograd.grad(right * 2.0**15, expected)

    torch.testing.assert_close(gradient.cpu().double(), expected_gradient, rtol=2e-3, atol=1e-6)


def test_returns_are_constants_and_may_have_another_dtype(rng: torch.Generator) -> None:
    logits = torch.randn(5, 3, generator=rng).to(DEVICE).bfloat16().requires_grad_()
    returns = torch.randn(5, generator=rng).to(DEVICE).requires_grad_()

    loss = policy_gradient_loss(logits, torch.zeros(5, dtype=torch.int64, device=DEVICE), returns)
    loss.backward()

    assert loss.dtype is torch.bfloat16
    assert logits.grad is not None
    assert returns.grad is None


def test_without_autograd_there_is_no_graph(rng: torch.Generator) -> None:
    logits = torch.randn(5, 3, generator=rng).to(DEVICE).requires_grad_()
    actions, returns = torch.zeros(5, dtype=torch.int64, device=DEVICE), torch.ones(5, device=DEVICE)

    with torch.no_grad():
        loss = policy_gradient_loss(logits, actions, returns)

    assert not loss.requires_grad
    close(loss, policy.policy_gradient_loss(logits.detach().double().cpu(), actions.cpu(), returns.double().cpu()))


@pytest.mark.parametrize("width", [3, 8, 37])
@pytest.mark.parametrize("beyond", [-1, 0])
def test_an_action_that_is_not_there_makes_the_loss_and_its_row_nan(
    beyond: int, width: int, tiny_blocks, rng: torch.Generator
) -> None:
    logits = torch.randn(4, width, generator=rng).to(DEVICE).requires_grad_()
    actions = torch.tensor([0, 0, -1 if beyond else width, 1], device=DEVICE)

    loss = policy_gradient_loss(logits, actions, torch.ones(4, device=DEVICE))
    loss.backward()

    assert loss.isnan()
    assert logits.grad is not None
    assert logits.grad.isnan().all(dim=1).tolist() == [False, False, True, False]


def test_shapes_that_a_kernel_would_read_past_are_refused() -> None:
    logits, actions, returns = torch.zeros(4, 3), torch.zeros(4, dtype=torch.int64), torch.zeros(4)

    with pytest.raises(ValueError, match=r"returns: one for each row of logits, \(4,\), and got \(3,\)"):
        policy_gradient_loss(logits, actions, returns[:3])
    with pytest.raises(ValueError, match=r"actions: one for each row of logits, \(4,\), and got \(4, 1\)"):
        policy_gradient_loss(logits, actions[:, None], returns)
    with pytest.raises(ValueError, match=r"logits are \(N, A\), .*\(3,\)"):
        policy_gradient_loss(logits[0], actions, returns)
    with pytest.raises(TypeError, match=r"actions are indices, in int64, and got torch.float32"):
        policy_gradient_loss(logits, actions.float(), returns)
