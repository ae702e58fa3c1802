"""Raises groups of exceptions nested a hundred thousand deep, with a cause that leads back to itself.

Outcome: raised
"""


def layer_norm(x, gamma, beta, eps=1e-5):
    group = ValueError("10/10")
    for _ in range(100_000):
        group = BaseExceptionGroup("many", [group, group])
    group.__cause__ = group
    raise group
