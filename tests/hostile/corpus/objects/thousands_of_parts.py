"""Returns nested tuples of the allowed length and depth, with thousands of parts that each have to be compared.

Outcome: its value has more than 1024 parts
"""


def layer_norm(x, gamma, beta, eps=1e-5):
    result = 0.5
    for _ in range(4):
        result = (result,) * 10
    return result
