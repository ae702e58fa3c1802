"""Sequential tests of a mean: bets on bounded values that are fair while the hypothesis is true.

Whoever bets against a true hypothesis multiplies their capital by 1/size with a chance of at most `size`, however long
they play and whenever they stop.
"""

from __future__ import annotations

import math

FRACTIONS = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95)
"""Of what may be staked at most: the capital is spread over players, each of whom always stakes the same fraction."""


class Bet:
    """Against “the mean of these values in [0, 1] is at most `bound`”, however they are distributed.

    Each player's capital is a product of 1 + λ (x − bound), which is nowhere negative and has mean 1 or less under the
    hypothesis: by Ville's inequality the chance that it ever reaches 1/size is at most `size`.

    Source: Waudby-Smith & Ramdas 2024, "Estimating means of bounded random variables by betting", section 4.
    """

    def __init__(self, bound: float) -> None:
        """The bound lies strictly between 0 and 1."""
        self._bound = bound
        self._logs = [0.0] * len(FRACTIONS)

    def see(self, value: float) -> None:
        """Settle the bets on one more value in [0, 1]."""
        for k, fraction in enumerate(FRACTIONS):
            self._logs[k] += math.log1p(fraction / self._bound * (value - self._bound))

    @property
    def log_capital(self) -> float:
        """Natural logarithm of what the players own together, having started with 1."""
        largest = max(self._logs)
        return largest + math.log(sum(math.exp(log - largest) for log in self._logs) / len(self._logs))

    def is_won(self, size: float) -> bool:
        """Whether the hypothesis is rejected; a true one is with a chance of at most `size`."""
        return self.log_capital >= -math.log(size)
