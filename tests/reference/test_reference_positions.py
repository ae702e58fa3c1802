"""References of positions against printed values, loops and rotations; the costs of layers against counting."""

from __future__ import annotations

import math

import pytest
import torch

from reference.costs import layer_costs
from reference.positions import relative_position_index, sinusoidal_positional_encoding


def test_the_encoding_of_the_first_positions_is_as_computed_by_hand() -> None:
    encoding = sinusoidal_positional_encoding(3, 4)

    wanted = [[f(p / wave) for wave in (1, 100) for f in (math.sin, math.cos)] for p in range(3)]
    torch.testing.assert_close(encoding, torch.tensor(wanted))
    assert encoding.dtype is torch.float32


def test_a_shift_turns_every_pair_by_the_same_angle_wherever_it_starts() -> None:
    length, d_model, shift = 40, 8, 7
    sine, cosine = sinusoidal_positional_encoding(length, d_model).double().unflatten(-1, (-1, 2)).unbind(-1)
    angles = torch.tensor([shift / 10000 ** (2 * i / d_model) for i in range(d_model // 2)], dtype=torch.float64)

    turned = sine[:-shift] * angles.cos() + cosine[:-shift] * angles.sin()

    torch.testing.assert_close(turned, sine[shift:], atol=1e-5, rtol=0.0)


def test_every_pair_has_length_one() -> None:
    pairs = sinusoidal_positional_encoding(100, 6).unflatten(-1, (-1, 2))

    torch.testing.assert_close(pairs.square().sum(-1), torch.ones(100, 3))


def test_the_index_is_that_of_a_loop_over_pairs() -> None:
    index = relative_position_index(4, 6, 2)

    table = {-5: 0, -4: 0, -3: 0, -2: 0, -1: 1, 0: 2, 1: 3, 2: 4, 3: 4}
    assert index.tolist() == [[table[i - j] for j in range(6)] for i in range(4)]
    assert index.dtype is torch.int64


@pytest.mark.parametrize("max_distance", [0, 1, 5])
def test_an_index_picks_a_row_of_a_table_with_two_k_plus_one_rows(max_distance: int) -> None:
    index = relative_position_index(9, 12, max_distance)

    assert index.unique().tolist() == list(range(2 * max_distance + 1))


@pytest.mark.parametrize(("n", "d", "k"), [(2, 3, 4), (3, 2, 1)])
def test_the_costs_are_the_multiplications_that_loops_make(n: int, d: int, k: int) -> None:
    scores = sum(1 for _query in range(n) for _key in range(n) for _feature in range(d))
    recurrence = sum(1 for _step in range(n) for _row in range(d) for _column in range(d))
    convolution = sum(recurrence for _place in range(k))

    costs = layer_costs(*(torch.tensor(float(size)) for size in (n, d, k)))

    assert costs.tolist() == [scores, recurrence, convolution]
