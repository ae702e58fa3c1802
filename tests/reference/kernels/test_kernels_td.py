"""Temporal differences and targets by kernels where the problems' own cases don't reach: tiles, strides, no action."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from reference import returns as reference_returns
from reference import targets as reference_targets
from reference import td as reference_td
from reference.kernels import td
from tests.reference.kernels.against import DEVICE

ELEMENTWISE = ("td_error", "td3_target", "sac_target")
REFERENCES: Mapping[str, Any] = {
    "td_error": reference_returns.td_error,
    "sarsa_td_error": reference_td.sarsa_td_error,
    "td3_target": reference_targets.td3_target,
    "sac_target": reference_targets.sac_target,
}
ARGUMENTS = {
    "td_error": ("rewards", "values", "next_values", "dones"),
    "td3_target": ("rewards", "dones", "next_q1", "next_q2"),
    "sac_target": ("rewards", "dones", "next_q1", "next_q2", "next_log_prob"),
}


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles of 8 elements, so that little data fills several."""
    monkeypatch.setattr(td, "TILE", 8)
    monkeypatch.setattr(td, "SAMPLES", 4)


def drawn(name: str, *shape: int) -> dict[str, Any]:
    rng = torch.Generator().manual_seed(len(shape))
    inputs: dict[str, Any] = {each: torch.randn(shape, generator=rng).to(DEVICE) for each in ARGUMENTS[name]}
    inputs["dones"] = (inputs["dones"] > 0.5).float()
    return inputs | {"gamma": 0.9} | ({"alpha": 0.25} if name == "sac_target" else {})


def quintuples(n: int, available: int) -> dict[str, Any]:
    rng = torch.Generator().manual_seed(n)
    q_values, next_q_values = torch.randn(2, n, available, generator=rng).to(DEVICE)
    actions, next_actions = torch.randint(0, available, (2, n), generator=rng).to(DEVICE)
    rewards, dones = torch.randn(2, n, generator=rng).to(DEVICE)
    return {
        "rewards": rewards, "q_values": q_values, "actions": actions, "next_q_values": next_q_values,
        "next_actions": next_actions, "dones": (dones > 0.5).float(), "gamma": 0.9,
    }  # fmt: skip


def assert_agrees(name: str, inputs: Mapping[str, Any]) -> None:
    wide = {n: v.double() if isinstance(v, Tensor) and v.is_floating_point() else v for n, v in inputs.items()}

    torch.testing.assert_close(getattr(td, name)(**inputs).double(), REFERENCES[name](**wide), rtol=1e-6, atol=1e-6)


def assert_gradients_agree(inputs: Mapping[str, Any]) -> None:
    weights = torch.linspace(-1, 2, len(inputs["rewards"]), device=DEVICE)
    gradients = []
    for function in (td.sarsa_td_error, reference_td.sarsa_td_error):
        q_values = inputs["q_values"].clone().requires_grad_()
        (gradient,) = torch.autograd.grad(function(**{**inputs, "q_values": q_values}), q_values, weights)
        gradients.append(gradient)
    assert torch.equal(*gradients)


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("shape", [(8,), (9,), (31,), (3, 5), (2, 3, 4), ()])
def test_every_element_of_several_tiles_is_computed(name: str, shape: tuple[int, ...]) -> None:
    assert_agrees(name, drawn(name, *shape))


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_tensors_are_read_where_they_lie(name: str) -> None:
    inputs = drawn(name, 3, 11)
    inputs = {n: v.T if isinstance(v, Tensor) else v for n, v in inputs.items()}
    inputs["dones"] = inputs["dones"][:, :1].expand(11, 3)
    inputs["rewards"] = inputs["rewards"].repeat_interleave(2, dim=0)[::2].contiguous()

    assert_agrees(name, inputs)


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_vectors_with_gaps_are_read_where_they_lie(name: str) -> None:
    inputs = {n: v.repeat_interleave(3)[::3] if isinstance(v, Tensor) else v for n, v in drawn(name, 13).items()}

    assert_agrees(name, inputs)


def test_matrices_of_any_strides_are_not_copied() -> None:
    dense, transposed = torch.zeros(11, 3), torch.zeros(3, 11).T

    flat = td._as_matrices(dense.shape, (dense, transposed, None, dense[:1]))

    assert [None if each is None else each.data_ptr() for each in flat] == [
        dense.data_ptr(), transposed.data_ptr(), None, dense.data_ptr(),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["td3_target", "sac_target"])
def test_a_critic_that_failed_is_not_hidden_by_the_other(name: str) -> None:
    inputs = drawn(name, 5)
    inputs["dones"] = torch.zeros(5, device=DEVICE)
    inputs["next_q1"][1], inputs["next_q2"][3] = torch.nan, torch.nan

    found = getattr(td, name)(**inputs)

    assert found.isnan().tolist() == [False, True, False, True, False]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_nothing_gives_nothing(name: str) -> None:
    assert getattr(td, name)(**drawn(name, 0)).shape == (0,)


def test_targets_are_constants() -> None:
    for name in ("td3_target", "sac_target"):
        inputs = {n: v.requires_grad_() if isinstance(v, Tensor) else v for n, v in drawn(name, 4).items()}

        assert not getattr(td, name)(**inputs).requires_grad


def test_the_error_differentiates_the_value_alone() -> None:
    inputs = {n: v.requires_grad_() if isinstance(v, Tensor) else v for n, v in drawn("td_error", 3, 2).items()}
    weights = torch.arange(6.0, device=DEVICE).reshape(3, 2)

    td.td_error(**inputs).backward(weights)

    assert torch.equal(inputs["values"].grad, -weights)
    assert all(inputs[name].grad is None for name in ("rewards", "next_values", "dones"))


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize(("n", "available"), [(9, 3), (4, 8), (3, 19), (5, 1)])
def test_sarsa_takes_the_actions_of_several_tiles(n: int, available: int) -> None:
    inputs = quintuples(n, available)

    assert_agrees("sarsa_td_error", inputs)
    assert_gradients_agree(inputs)


@pytest.mark.usefixtures("small_tiles")
def test_sarsa_reads_tensors_where_they_lie() -> None:
    inputs = quintuples(9, 3)
    inputs["q_values"] = inputs["q_values"].T.contiguous().T
    inputs["next_q_values"] = inputs["next_q_values"][:1].expand(9, 3)
    for name in ("actions", "next_actions", "rewards"):
        inputs[name] = inputs[name].repeat_interleave(2)[::2]

    assert_agrees("sarsa_td_error", inputs)
    assert_gradients_agree(inputs)


def test_sarsa_differentiates_the_values_before_the_step_alone() -> None:
    inputs = quintuples(6, 4)
    for name in ("rewards", "q_values", "next_q_values", "dones"):
        inputs[name].requires_grad_()

    td.sarsa_td_error(**inputs).sum().backward()

    assert inputs["q_values"].grad is not None
    assert all(inputs[name].grad is None for name in ("rewards", "next_q_values", "dones"))


def test_an_action_that_there_is_not_gives_no_number() -> None:
    inputs = quintuples(6, 3)
    inputs["actions"][1], inputs["next_actions"][4] = 3, -1

    found = td.sarsa_td_error(**inputs)

    assert found.isnan().tolist() == [False, True, False, False, True, False]


def test_no_samples_have_no_errors_and_an_empty_gradient() -> None:
    inputs = quintuples(0, 3)
    q_values = inputs["q_values"].requires_grad_()

    errors = td.sarsa_td_error(**inputs)
    (gradient,) = torch.autograd.grad(errors.sum(), q_values)

    assert errors.shape == (0,)
    assert gradient.shape == (0, 3)


def test_tensors_whose_shapes_do_not_fit_are_refused() -> None:
    vectors, matrices = drawn("td3_target", 5), quintuples(5, 3)

    with pytest.raises(RuntimeError, match="size"):
        td.td3_target(**{**vectors, "next_q2": vectors["next_q2"][:4]})
    with pytest.raises(RuntimeError, match="size"):
        td.sarsa_td_error(**{**matrices, "next_q_values": matrices["next_q_values"][:4]})
