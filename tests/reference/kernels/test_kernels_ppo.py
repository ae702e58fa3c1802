"""The kernel of PPO's loss where the problem's cases don't reach: parts of rows, ties, overflow, unwanted gradients."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from reference import ppo
from reference.kernels import categorical, losses
from reference.kernels.ppo import ppo_loss

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
NUMBERS = (0.2, 0.5, 0.1)

pytestmark = pytest.mark.filterwarnings(
    "ignore:(divide by zero|invalid value|overflow) encountered:RuntimeWarning"  # of NumPy's, which interprets them
)


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(9)


@pytest.fixture
def tiny_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small inputs take the ways of large ones: rows longer than 16 are read in parts of 8."""
    monkeypatch.setattr(categorical, "LONGEST", 16)
    monkeypatch.setattr(categorical, "PART", 8)
    monkeypatch.setattr(categorical, "TILE", 32)
    monkeypatch.setattr(losses, "SCALED_AT_ONCE", 16)


def drawn(count: int, width: int, rng: torch.Generator) -> list[Tensor]:
    """Logits, actions, old log-probabilities, advantages, values and returns."""
    logits = 2 * torch.randn(count, width, generator=rng)
    actions = torch.randint(width, (count,), generator=rng)
    old = torch.log_softmax(logits, -1).gather(1, actions[:, None])[:, 0] + 0.3 * torch.randn(count, generator=rng)
    return [logits, actions, old, *(torch.randn(count, generator=rng) for _ in range(3))]


def graded(inputs: list[Tensor]) -> list[Tensor]:
    return [each.requires_grad_() if k in (0, 4) else each for k, each in enumerate(inputs)]


def assert_agrees(inputs: list[Tensor], numbers: tuple[float, float, float] = NUMBERS) -> None:
    """The loss, with and without gradients, and its gradients, against the reference in float64."""
    found = graded([each.to(DEVICE).detach() for each in inputs])
    expected = graded([each.detach().double() if each.is_floating_point() else each for each in inputs])
    loss, right = ppo_loss(*found, *numbers), ppo.ppo_loss(*expected, *numbers)
    gradients = torch.autograd.grad(-1.5 * loss, (found[0], found[4]))
    rights = torch.autograd.grad(-1.5 * right, (expected[0], expected[4]))
    with torch.no_grad():
        alone = ppo_loss(*found, *numbers)
    for one, other in zip((loss, alone, *gradients), (right, right, *rights), strict=True):
        close_to = {"rtol": 2e-5, "atol": 2e-6, "equal_nan": True}
        torch.testing.assert_close(one.detach().cpu().double(), other.detach(), **close_to)


@pytest.mark.parametrize("width", [1, 3, 8, 16, 17, 24, 37])
def test_rows_of_any_width_are_shared_out_and_read_in_parts(width: int, tiny_blocks, rng: torch.Generator) -> None:
    assert_agrees(drawn(21, width, rng))


@pytest.mark.parametrize("width", [6, 8, 37])
def test_strides_are_followed(width: int, tiny_blocks, rng: torch.Generator) -> None:
    _, *samples = drawn(14, width, rng)
    logits = torch.randn(width, 7, generator=rng).t()

    assert_agrees([logits, *(each[::2] for each in samples[:-1]), torch.tensor(0.5).expand(7)])


@pytest.mark.parametrize("width", [6, 37])
def test_forbidden_actions_count_nothing(width: int, tiny_blocks, rng: torch.Generator) -> None:
    inputs = drawn(5, width, rng)
    inputs[0][:, 1::2] = float("-inf")
    inputs[0][0, :-1], inputs[0][0, -1] = float("-inf"), 1.0
    inputs[1] = torch.tensor([width - 1, 0, 2, 4, 0])

    assert_agrees(inputs)


def test_no_samples_give_what_the_reference_gives(rng: torch.Generator) -> None:
    assert_agrees(drawn(0, 3, rng))


def test_at_both_bounds_of_the_ratio_the_gradient_flows() -> None:
    logits, values = torch.zeros(6, 2), torch.zeros(6)
    old_log_prob = torch.log_softmax(logits, -1)[:, 0]  # in float32 the ratio is exactly 1
    advantages = torch.tensor([1.0, -1.0, 0.0, 2.0, -2.0, 0.5])
    samples = (torch.zeros(6, dtype=torch.int64), old_log_prob, advantages, values, values)
    logits = logits.to(DEVICE).requires_grad_()

    loss = ppo_loss(logits, *(each.to(DEVICE) for each in samples), 0, 1, 0)  # whole numbers, and 1 is both bounds
    (gradient,) = torch.autograd.grad(loss, logits)

    torch.testing.assert_close(gradient[:, 0].cpu(), -advantages / 2 / 6)


def test_a_tie_beyond_the_bounds_counts_half_as_in_the_reference() -> None:
    smallest = 2.0**-149  # of which 77 are 64 times 1.2, and 64 times 1.204 as well
    logits, none = torch.zeros(1, 2), torch.zeros(1)
    samples = (none.long(), torch.tensor([math.log(0.5 / 1.204)]), torch.tensor([64 * smallest]), none, none)
    found, expected = logits.clone().to(DEVICE).requires_grad_(), logits.clone().requires_grad_()

    loss = ppo_loss(found, *(each.to(DEVICE) for each in samples), 0.2, 0.0, 0.0)
    (gradient,) = torch.autograd.grad(loss, found)
    (right,) = torch.autograd.grad(ppo.ppo_loss(expected, *samples, 0.2, 0.0, 0.0), expected)

    assert (right[0, 1] / smallest).item() == pytest.approx(77 / 2 / 2, abs=1)
    assert (gradient[0, 1].cpu() / smallest).item() == pytest.approx(77 / 2 / 2, abs=1)


def test_a_ratio_that_overflows_where_it_is_clipped_leaves_the_gradient_finite() -> None:
    logits = torch.zeros(2, 3, device=DEVICE).requires_grad_()
    samples = [torch.tensor(each, device=DEVICE) for each in ([-500.0, -1.0], [1.0, 1.0], [0.0, 0.0], [0.0, 0.0])]

    loss = ppo_loss(logits, torch.zeros(2, dtype=torch.int64, device=DEVICE), *samples, 0.2, 0.5, 0.0)
    loss.backward()

    assert loss.item() == pytest.approx(-(1.2 + torch.e / 3) / 2)
    assert logits.grad is not None
    assert logits.grad[0].tolist() == [0.0, 0.0, 0.0]
    assert logits.grad[1, 0].item() == pytest.approx(-(torch.e / 3) * (2 / 3) / 2)


@pytest.mark.parametrize("width", [3, 37])
def test_an_action_that_is_not_there_makes_the_loss_and_its_row_nan(
    width: int, tiny_blocks, rng: torch.Generator
) -> None:
    inputs = graded([each.to(DEVICE) for each in drawn(3, width, rng)])
    inputs[1] = torch.tensor([0, width, 1], device=DEVICE)

    loss = ppo_loss(*inputs, *NUMBERS)
    loss.backward()

    assert loss.isnan()
    assert inputs[0].grad is not None
    assert inputs[0].grad.isnan().all(dim=1).tolist() == [False, True, False]


@pytest.mark.parametrize("wanted", [0, 4])
def test_only_what_asks_for_a_gradient_gets_one(wanted: int, rng: torch.Generator) -> None:
    inputs = [each.to(DEVICE) for each in drawn(7, 3, rng)]
    both = graded([each.clone() for each in inputs])
    ppo_loss(*both, *NUMBERS).backward()
    for k in {0, 4, 2, 3, 5} - {4 - wanted}:
        inputs[k].requires_grad_()

    ppo_loss(*inputs, *NUMBERS).backward()

    assert [k for k, each in enumerate(inputs) if each.grad is not None] == [wanted]
    torch.testing.assert_close(inputs[wanted].grad, both[wanted].grad)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16], ids=str)
def test_a_retained_graph_gives_both_gradients_again(dtype: torch.dtype, rng: torch.Generator) -> None:
    inputs = [each.to(DEVICE, dtype if each.is_floating_point() else None) for each in drawn(7, 5, rng)]
    logits, _, _, _, values, _ = graded(inputs)
    loss = ppo_loss(*inputs, *NUMBERS)

    once = torch.autograd.grad(loss, (logits, values), retain_graph=True)
    again = torch.autograd.grad(loss, (logits, values), torch.full_like(loss, 0.5))

    for one, other in zip(once, again, strict=True):
        torch.testing.assert_close(0.5 * one, other)


def test_samples_of_another_length_are_refused(rng: torch.Generator) -> None:
    inputs = drawn(4, 3, rng)

    with pytest.raises(ValueError, match=r"advantages: one for each row of logits, \(4,\), and got \(4, 1\)"):
        ppo_loss(*inputs[:3], inputs[3][:, None], *inputs[4:], *NUMBERS)
