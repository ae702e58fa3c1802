"""Sends a trace that makes arrays of as many elements as 64 bits can count.

Outcome: should be
"""

import itertools

import grader_guest.child as child

REAL = child.carry_out_trace

LARGE = (1 << 62) - 1
NODES = itertools.cycle(
    [
        ["aten.expand.default", [{"r": 1}, [1 << 20, 1 << 20, 3]], {}],
        ["aten.full.default", [[LARGE], 1.0], {}],
        ["aten.arange.default", [LARGE], {}],
        ["aten.cat.default", [[{"r": 0}] * 4000, 0], {}],
    ]
)


def _carry_out_trace(workspace, request, payload):
    if request["function"] != "layer_norm":
        return REAL(workspace, request, payload)
    return {"status": "traced", "calls": [], "nodes": [next(NODES)], "outputs": [{"r": 3}]}, b""


child.carry_out_trace = _carry_out_trace


def layer_norm(x, gamma, beta, eps=1e-5):
    return x * 0 + beta
