"""Returns a list of millions of numbers, and tuples nested in tuples, for the host to take apart.

Outcome: should return|could not be read|more memory than allowed|larger than
"""


def layer_norm(x, gamma, beta, eps=1e-5):
    nested = ()
    for _ in range(100_000):
        nested = (nested, nested)
    return [1.0] * 3_000_000, nested
