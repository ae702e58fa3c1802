"""Has a regular expression backtrack for longer than the universe is old.

Outcome: took longer than|did not return within
"""

import re


def layer_norm(x, gamma, beta, eps=1e-5):
    re.match(r"(a|aa)+$", "a" * 200 + "b")
    return x
