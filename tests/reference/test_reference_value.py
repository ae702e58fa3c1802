"""The clipped value loss, case by case and by its gradient."""

from __future__ import annotations

import pytest
import torch
from torch.autograd import gradcheck

from reference.value import clipped_value_loss


@pytest.mark.parametrize(
    ("value", "target", "expected", "gradient"),
    [
        (0.125, 1.0, 0.875**2 / 2, -0.875),  # within the clip: the plain loss
        (0.5, 1.0, 0.75**2 / 2, 0.0),  # beyond it, towards the return: as if it had stopped at 0.25
        (0.5, -1.0, 1.5**2 / 2, 1.5),  # beyond it, away from the return: the plain loss, which pulls it back
        (-0.5, -1.0, 0.75**2 / 2, 0.0),
        (-0.5, 1.0, 1.5**2 / 2, -1.5),
        (2.0, 0.5, 1.5**2 / 2, 1.5),  # far beyond the return
    ],
)
def test_the_loss_of_one_sample_whose_value_was_0(
    value: float, target: float, expected: float, gradient: float
) -> None:
    values = torch.tensor([value], requires_grad=True)

    loss = clipped_value_loss(values, torch.zeros(1), torch.tensor([target]), 0.25)
    loss.backward()

    assert loss.item() == expected
    assert values.grad is not None
    assert values.grad.item() == gradient


def test_it_is_the_mean_over_samples() -> None:
    rng = torch.Generator().manual_seed(2)
    samples = torch.randn(3, 9, generator=rng, dtype=torch.float64)
    alone = [clipped_value_loss(*samples[:, i : i + 1], 0.2) for i in range(9)]

    torch.testing.assert_close(clipped_value_loss(*samples, 0.2), torch.stack(alone).mean())


def test_it_is_never_less_than_the_plain_loss_and_equals_it_without_a_clip() -> None:
    rng = torch.Generator().manual_seed(3)
    values, old, returns = torch.randn(3, 50, generator=rng, dtype=torch.float64)
    plain = 0.5 * torch.nn.functional.mse_loss(values, returns)

    assert clipped_value_loss(values, old, returns, 0.2) > plain
    torch.testing.assert_close(clipped_value_loss(values, old, returns, 1e9), plain)


def test_it_passes_gradcheck_and_the_constants_get_no_gradient() -> None:
    rng = torch.Generator().manual_seed(5)
    values, old, returns = (x.requires_grad_() for x in torch.randn(3, 7, generator=rng, dtype=torch.float64).unbind())

    assert gradcheck(lambda v: clipped_value_loss(v, old.detach(), returns.detach(), 0.2), (values,))
    clipped_value_loss(values, old, returns, 0.2).backward()
    assert old.grad is None
    assert returns.grad is None
