"""Leaves with exceptions that aren't errors, another one in each call: exits, interrupts, ends of generators.

Outcome: raised (SystemExit|KeyboardInterrupt|GeneratorExit|StopIteration|StopAsyncIteration|CancelledError|Door)
"""

import asyncio
import itertools


class Door(SystemExit, KeyboardInterrupt.__mro__[1]):
    code = 0


DOORS = itertools.cycle(
    [SystemExit(0), KeyboardInterrupt(), GeneratorExit(), StopIteration(1.0), asyncio.CancelledError(), Door(0)]
)


def layer_norm(x, gamma, beta, eps=1e-5):
    raise next(DOORS)
