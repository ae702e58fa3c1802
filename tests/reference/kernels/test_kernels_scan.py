"""Returns and advantages by kernels where the problems' own cases don't reach: many tiles, ranges of time, strides."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from reference import returns, td
from reference.kernels import scan
from tests.reference.kernels.against import DEVICE

pytestmark = pytest.mark.filterwarnings("ignore:(invalid value|overflow) encountered:RuntimeWarning")  # of NumPy's


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles of 4 or 8 elements and 16 programs, so that few steps are cut like many."""
    for name, size in {"TILE": 8, "WIDE_TILE": 4, "WIDEST": 4, "NARROWEST": 2, "SHORT": 3, "RANGES": 3}.items():
        monkeypatch.setattr(scan, name, size)
    monkeypatch.setattr(scan, "programs_for", lambda work, device, each: min(work, 16))


def drawn(seed: int, *shape: int, ends: float = 0.1) -> dict[str, Tensor]:
    rng = torch.Generator().manual_seed(seed)
    rewards, values, next_values = torch.randn(3, *shape, generator=rng).to(DEVICE)
    dones = (torch.rand(shape, generator=rng) < ends).float().to(DEVICE)
    return {"rewards": rewards, "values": values, "next_values": next_values, "dones": dones}


def returns_of(module: tuple[Callable[..., Tensor], ...], given: dict[str, Tensor], gamma: float) -> list[Tensor]:
    """Of all three functions; the value after the last step is the first one of `next_values`."""
    discounted, generalized, n_step = module
    r, v, following, d = (given[name] for name in ("rewards", "values", "next_values", "dones"))
    return [discounted(r, d, gamma), generalized(r, v, following, d, gamma, 0.95), n_step(r, v, following[0], d, gamma)]


def ended(given: dict[str, Tensor], step: int) -> dict[str, Tensor]:
    """The same with an end of all episodes at that step."""
    dones = given["dones"].clone()
    dones[step] = 1.0
    return {**given, "dones": dones}


KERNELS = (scan.discounted_returns, scan.generalized_advantage_estimate, scan.n_step_advantages)
REFERENCES = (returns.discounted_returns, returns.generalized_advantage_estimate, td.n_step_advantages)


def assert_all_agree(given: dict[str, Tensor], gamma: float = 0.99, atol: float = 2e-5) -> None:
    expected = returns_of(REFERENCES, {n: v.double() for n, v in given.items()}, gamma)
    for found, wanted in zip(returns_of(KERNELS, given, gamma), expected, strict=True):
        torch.testing.assert_close(found.double(), wanted, rtol=1e-5, atol=atol)


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize(("steps", "count"), [(17, 1), (24, 1), (13, 3)])
def test_time_that_is_cut_into_ranges_is_joined_again(steps: int, count: int) -> None:
    plan = scan.sharing(steps, count, torch.device(DEVICE))
    assert plan.ranges == 3
    assert plan.tiles > 1

    assert_all_agree(drawn(steps, steps, count, ends=0.02))


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("end", [19, 16, 15, 12, 8, 7, 0])
def test_an_end_beside_a_tile_or_a_range_cuts_there(end: int) -> None:
    assert_all_agree(ended(drawn(1, 20, 1, ends=0.0), end))


@pytest.mark.usefixtures("small_tiles")
def test_many_columns_go_through_time_in_tiles() -> None:
    plan = scan.sharing(5, 65, torch.device(DEVICE))
    assert plan == scan.Sharing(columns=4, rows=2, warps=1, ranges=1, tiles=3)

    assert_all_agree(drawn(0, 5, 65))


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("steps", [1, 13])
def test_very_many_columns_go_through_time_row_by_row(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    monkeypatch.setattr(scan, "ROW", 4)
    assert scan.sharing(steps, 37, torch.device(DEVICE)).by_rows

    assert_all_agree(drawn(1, steps, 37))


@pytest.mark.usefixtures("small_tiles")
def test_nothing_passes_an_end_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "ROW", 4)
    given = drawn(2, 5, 37, ends=0.0)
    expected = returns_of(REFERENCES, {name: value[:2] for name, value in ended(given, 1).items()}, 0.99)
    for name in ("rewards", "values", "next_values"):
        given[name][2:] = torch.inf

    found = returns_of(KERNELS, ended(given, 1), 0.99)

    for ours, wanted in zip(found, expected, strict=True):
        torch.testing.assert_close(ours[:2], wanted)


@pytest.mark.parametrize("gamma", [0.5, 0.999])
def test_long_products_of_decays_stay_accurate(monkeypatch: pytest.MonkeyPatch, gamma: float) -> None:
    for name, size in {"WIDE_TILE": 128, "SHORT": 3}.items():
        monkeypatch.setattr(scan, name, size)
    monkeypatch.setattr(scan, "programs_for", lambda work, device, each: min(work, 8))
    given = drawn(2, 1200, 1, ends=0.0)
    assert scan.sharing(1200, 1, torch.device(DEVICE)).ranges == 4

    found = scan.discounted_returns(given["rewards"], given["dones"], gamma).double()

    expected = returns.discounted_returns(given["rewards"].double(), given["dones"].double(), gamma)
    torch.testing.assert_close(found, expected, rtol=0, atol=float(4e-6 * expected.abs().max()))


def test_ranges_cover_time_without_a_gap_and_none_is_empty() -> None:
    for steps, count in ((1_000_000, 1), (1_000_000, 8), (10_000, 300), (40_001, 17), (2_049 * 16, 1)):
        plan = scan.sharing(steps, count, torch.device("meta"))

        assert 1 < plan.ranges <= scan.RANGES
        assert (plan.ranges - 1) * plan.tiles * plan.rows < steps <= plan.ranges * plan.tiles * plan.rows


def test_a_gpu_is_filled_by_columns_where_there_are_enough_and_by_time_where_not() -> None:
    meta = torch.device("meta")

    assert scan.sharing(2048, 1 << 17, meta) == scan.Sharing(columns=128, rows=1, warps=1, ranges=1, tiles=2048)
    assert scan.sharing(2048, 16_896, meta) == scan.Sharing(columns=32, rows=32, warps=1, ranges=1, tiles=64)
    assert scan.sharing(2048, 4_096, meta).ranges == 1
    assert scan.sharing(1000, 1, meta) == scan.Sharing(columns=1, rows=1024, warps=4, ranges=1, tiles=1)
    assert scan.sharing(1_000_000, 1, meta) == scan.Sharing(columns=1, rows=2048, warps=4, ranges=245, tiles=2)


@pytest.mark.parametrize("shape", [(5, 2, 3), (5,), (1, 1), (7, 1, 2, 2)])
def test_time_is_the_first_axis_whatever_follows(shape: tuple[int, ...]) -> None:
    given = drawn(3, *shape)

    assert_all_agree(given)


def test_tensors_are_read_where_they_lie() -> None:
    given = drawn(4, 3, 9)
    given = {name: value.T for name, value in given.items()}
    given["dones"] = given["dones"][:, :1].expand(9, 3)
    given["rewards"] = given["rewards"].repeat_interleave(2, dim=0)[::2]

    assert_all_agree(given)


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize(("shape", "row"), [((13, 3), 128), ((19, 1), 128), ((3, 33), 128), ((3, 33), 4)])
def test_nothing_beside_the_tensors_is_read(monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int], row: int) -> None:
    monkeypatch.setattr(scan, "ROW", row)
    given = drawn(5, *shape)
    surrounded = {name: torch.full((shape[0] + 20, shape[1] + 20), torch.nan, device=DEVICE) for name in given}
    for name, value in given.items():
        surrounded[name][10:-10, 10:-10] = value

    assert_all_agree({name: value[10:-10, 10:-10] for name, value in surrounded.items()})


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("end", [18, 12, 8, 2])
@pytest.mark.parametrize("what", [-torch.inf, torch.nan])
def test_nothing_passes_an_end_however_large_it_is(end: int, what: float) -> None:
    given = ended(drawn(6, 20, 1, ends=0.0), end)
    expected = returns_of(REFERENCES, {name: value[: end + 1] for name, value in given.items()}, 0.99)
    for name in ("rewards", "values", "next_values"):
        given[name][end + 1 :] = what
    given["next_values"][end] = what  # of the state after the end

    found = returns_of(KERNELS, given, 0.99)

    for ours, wanted in zip(found, expected, strict=True):
        torch.testing.assert_close(ours[: end + 1], wanted)


@pytest.mark.usefixtures("small_tiles")
def test_a_decay_of_zero_ends_every_step() -> None:
    given = drawn(7, 14, 2)
    given["rewards"][-1] = torch.inf

    found = scan.discounted_returns(given["rewards"], given["dones"], 0.0)

    assert torch.equal(found, given["rewards"])


@pytest.mark.parametrize("shape", [(0, 3), (4, 0), (0,)])
def test_nothing_gives_nothing(shape: tuple[int, ...]) -> None:
    rewards = torch.empty(shape, device=DEVICE, dtype=torch.bfloat16)

    assert scan.discounted_returns(rewards, rewards, 0.9).shape == shape
    assert scan.generalized_advantage_estimate(rewards, rewards, rewards, rewards, 0.9, 0.9).dtype == torch.bfloat16


@pytest.mark.usefixtures("small_tiles")
def test_half_precision_is_rounded_once_at_the_end() -> None:
    given = {name: value.to(torch.bfloat16) for name, value in drawn(8, 40, 1, ends=0.0).items()}

    found = scan.discounted_returns(given["rewards"], given["dones"], 0.999)

    expected = returns.discounted_returns(given["rewards"].double(), given["dones"].double(), 0.999)
    torch.testing.assert_close(found, expected.to(torch.bfloat16), rtol=2**-7, atol=1e-4)


def test_results_are_constants() -> None:
    given = {name: value.requires_grad_() for name, value in drawn(9, 4, 2).items()}

    assert not any(each.requires_grad for each in returns_of(KERNELS, given, 0.9))


@pytest.mark.usefixtures("small_tiles")
def test_the_same_steps_give_the_same_bits_again() -> None:
    given = drawn(10, 20, 2)

    for first, second in zip(returns_of(KERNELS, given, 0.99), returns_of(KERNELS, given, 0.99), strict=True):
        assert torch.equal(first, second)


def test_an_axis_of_one_is_stretched_to_that_of_the_rewards() -> None:
    given = drawn(12, 4, 3)
    given["dones"] = given["dones"][:, :1]

    assert_all_agree(given)


def test_tensors_whose_shapes_do_not_fit_are_refused() -> None:
    given = drawn(11, 4, 3)

    with pytest.raises(RuntimeError, match="size"):
        scan.discounted_returns(given["rewards"], given["dones"][:3], 0.9)
    with pytest.raises(RuntimeError, match="size"):
        scan.n_step_advantages(given["rewards"], given["values"], given["dones"][0, :2], given["dones"], 0.9)
