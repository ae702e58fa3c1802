"""Sends a trace whose only result is none, as a gradient that does not exist would be.

Outcome: should be
"""

import grader_guest.child as child

REAL = child.carry_out_trace

FORGED = {"nodes": [], "outputs": [None]}


def _carry_out_trace(workspace, request, payload):
    if request["function"] != "layer_norm":
        return REAL(workspace, request, payload)
    return {"status": "traced", "calls": [], **FORGED}, b""


child.carry_out_trace = _carry_out_trace


def layer_norm(x, gamma, beta, eps=1e-5):
    return x * 0 + beta
