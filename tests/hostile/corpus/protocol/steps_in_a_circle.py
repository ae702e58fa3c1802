"""Sends a trace whose operations refer to themselves, to later ones, and to results before the first.

Outcome: should be
"""

import grader_guest.child as child

REAL = child.carry_out_trace

NODES = [["aten.add.Tensor", [{"r": 4}, {"r": -1}], {}], ["aten.mul.Tensor", [{"r": 3}, {"r": 3}], {}]]
FORGED = {"nodes": NODES, "outputs": [{"r": 4}]}


def _carry_out_trace(workspace, request, payload):
    if request["function"] != "layer_norm":
        return REAL(workspace, request, payload)
    return {"status": "traced", "calls": [], **FORGED}, b""


child.carry_out_trace = _carry_out_trace


def layer_norm(x, gamma, beta, eps=1e-5):
    return x * 0 + beta
