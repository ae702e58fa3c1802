"""Every reference works on the device and in the dtype of its inputs, whatever the defaults are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from reference.attention import masked_attention, scaled_dot_product_score
from reference.normalization import layer_norm
from reference.policy import categorical_entropy, policy_gradient_loss
from reference.ppo import ppo_clip_objective
from reference.returns import discounted_returns, generalized_advantage_estimate, td_error

Draw = Callable[..., Tensor]

CALLS: dict[str, Callable[[Draw], Tensor]] = {
    "discounted_returns": lambda draw: discounted_returns(draw(5), draw(5), 0.9),
    "td_error": lambda draw: td_error(draw(5), draw(5), draw(5), draw(5), 0.9),
    "generalized_advantage_estimate": lambda draw: generalized_advantage_estimate(
        draw(5), draw(5), draw(5), draw(5), 0.9, 0.8
    ),
    "policy_gradient_loss": lambda draw: policy_gradient_loss(draw(5, 3), draw(5).long(), draw(5)),
    "categorical_entropy": lambda draw: categorical_entropy(draw(5, 3)),
    "ppo_clip_objective": lambda draw: ppo_clip_objective(draw(5), draw(5), draw(5), 0.2),
    "scaled_dot_product_score": lambda draw: scaled_dot_product_score(draw(2, 3), draw(5, 3)),
    "masked_attention": lambda draw: masked_attention(draw(2, 3), draw(5, 3), draw(5, 7), draw(2, 5)),
    "layer_norm": lambda draw: layer_norm(draw(5, 3), draw(3), draw(3), 1e-5),
}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", CALLS)
def test_a_reference_keeps_device_and_dtype(name: str, dtype: torch.dtype) -> None:
    # "meta" tensors have a device of their own and no values: whatever mixes in a CPU tensor raises
    result = CALLS[name](lambda *shape: torch.empty(shape, dtype=dtype, device="meta"))

    assert result.device.type == "meta"
    assert result.dtype is dtype


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("name", CALLS)
def test_a_reference_gives_the_same_on_a_gpu(name: str) -> None:
    def result_on(device: str) -> Tensor:
        rng = torch.Generator().manual_seed(8)
        return CALLS[name](lambda *shape: torch.rand(shape, generator=rng, dtype=torch.float64).to(device)).cpu()

    torch.testing.assert_close(result_on("cuda"), result_on("cpu"))
