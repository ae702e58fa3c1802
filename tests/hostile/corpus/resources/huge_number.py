"""Computes a number of a billion digits in one operation, and has it printed.

Outcome: took longer than|did not return within|more memory than allowed
"""


def layer_norm(x, gamma, beta, eps=1e-5):
    return pow(10, 10**9) % 7
