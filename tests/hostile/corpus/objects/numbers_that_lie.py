"""Returns numbers of its own classes, with representations made to be evaluated, and integers too long to be written.

Outcome: Number|digits
"""

import itertools


class Number(float):
    def __repr__(self):
        return "__import__('os').system('touch /tmp/pwned-evaluated') or 1e400"

    __str__ = __repr__

    def __format__(self, spec):
        raise SystemExit

    def __eq__(self, other):
        return True

    def __hash__(self):
        return hash(self.hex())


RESULTS = itertools.cycle([Number("nan"), 10**6000, [Number(1.0)] * 3, {"tensor": "x"}])


def layer_norm(x, gamma, beta, eps=1e-5):
    return next(RESULTS)
