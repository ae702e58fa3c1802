"""Operations that draw random numbers: all of them are refused."""

from __future__ import annotations

from typing import Any, NoReturn

from grader.symbolic.ops.registry import Handler, operation_family
from grader.symbolic.refusals import DrawsRandomNumbers

DRAWING = (
    "_sample_dirichlet", "_standard_gamma", "bernoulli", "binomial", "cauchy", "exponential", "geometric", "log_normal",
    "multinomial", "normal", "normal_functional", "poisson", "rand", "rand_like", "randint", "randint_like", "randn",
    "randn_like", "random", "randperm", "rrelu_with_noise", "uniform",
)  # fmt: skip


def refuse(name: str) -> Handler:
    """A handler that says which function draws."""

    def drawn(*_: Any, **__: Any) -> NoReturn:
        raise DrawsRandomNumbers(f"it draws random numbers (`{name}`)")

    return drawn


for name in DRAWING:
    operation_family(name, meaning="refused: random numbers")(refuse(name))
