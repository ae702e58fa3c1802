"""Thresholds of statistical tests that hold for any number of draws: bounds, not approximations for large samples."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping

POWER_DEVIATION = 2.3263
"""Standard deviations within which a Gaussian stays on one side with a chance of 99 %."""


def divergence(counts: Mapping[Hashable, int], outcomes: int) -> float:
    """N · KL(observed shares ‖ uniform), in nats, of N draws of which each has one of `outcomes` outcomes."""
    draws = sum(counts.values())
    return sum(n * math.log(n * outcomes / draws) for n in counts.values() if n)


def largest_divergence(outcomes: int, size: float) -> float:
    """What `divergence` exceeds with a chance of at most `size` where all outcomes are equally likely.

    P(N · KL ≥ t) ≤ e^−t (e t / k)^k for t > k, where k is one less than the number of outcomes, for every N.

    Source: Agrawal 2020, "Finite-sample concentration of the multinomial in relative entropy", theorem I.2.
    """
    freedom = outcomes - 1
    low, high = float(freedom), 2 * freedom + 1000.0  # there the bound is below e^−500, whatever k is
    for _ in range(100):
        middle = (low + high) / 2
        bound = -middle + freedom * (1 + math.log(middle / freedom))
        low, high = (low, middle) if bound < math.log(size) else (middle, high)
    return high


def detectable_divergence(threshold: float, draws: int) -> float:
    """KL(truth ‖ uniform) from which on `divergence` exceeds the threshold with a chance of about 99 %.

    N · KL of the observed shares is about Gaussian with mean N κ and variance 2 N κ.
    """
    root = (POWER_DEVIATION + math.sqrt(POWER_DEVIATION**2 + 2 * threshold)) / math.sqrt(2)
    return root**2 / draws


def largest_deviation(variance: float, largest: float, draws: int, size: float) -> float:
    """What the mean of N independent values is off by with a chance of at most `size`, in either direction.

    Args:
        variance: of one value.
        largest: of what one value can be away from its mean.
        draws: N.
        size: of the test.

    Source: Bernstein's inequality; Boucheron, Lugosi & Massart 2013, corollary 2.11.
    """
    log = math.log(2 / size)
    linear = largest * log / 3
    return (linear + math.sqrt(linear**2 + 2 * draws * variance * log)) / draws
