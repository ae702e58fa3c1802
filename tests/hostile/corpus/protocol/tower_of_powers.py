"""Sends a short trace that stands for a number with more digits than there is memory.

Outcome: should be
"""

import grader_guest.child as child

REAL = child.carry_out_trace

SQUARES = [["aten.mul.Tensor", [{"r": 3 + step}, {"r": 3 + step}], {}] for step in range(400)]
FORGED = {"nodes": [["aten.add.Tensor", [{"r": 0}, 12345.678], {}], *SQUARES], "outputs": [{"r": 403}]}


def _carry_out_trace(workspace, request, payload):
    if request["function"] != "layer_norm":
        return REAL(workspace, request, payload)
    return {"status": "traced", "calls": [], **FORGED}, b""


child.carry_out_trace = _carry_out_trace


def layer_norm(x, gamma, beta, eps=1e-5):
    return x * 0 + beta
