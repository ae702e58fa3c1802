"""Raises an exception whose message, name and chain of causes are megabytes long.

Outcome: your function raised
"""


def layer_norm(x, gamma, beta, eps=1e-5):
    kind = type("pwned" * 1_000_000, (Exception,), {})
    error = kind("m" * 20_000_000)
    for _ in range(10_000):
        error.__cause__, error = None, type(error)(error.args[0])
    raise error
