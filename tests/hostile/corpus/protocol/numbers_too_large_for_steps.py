"""Sends a trace whose numbers and sizes are far larger than any that PyTorch has.

Outcome: should be
"""

import grader_guest.child as child

REAL = child.carry_out_trace

HUGE = 10**4000
NODES = [
    ["constant", [[HUGE], [], "torch.float64"], {}],
    ["aten.expand.default", [{"r": 0}, [HUGE, -HUGE]], {}],
    ["aten.pow.Tensor_Scalar", [{"r": 0}, HUGE], {}],
]
FORGED = {"nodes": NODES, "outputs": [{"r": 5}]}


def _carry_out_trace(workspace, request, payload):
    if request["function"] != "layer_norm":
        return REAL(workspace, request, payload)
    return {"status": "traced", "calls": [], **FORGED}, b""


child.carry_out_trace = _carry_out_trace


def layer_norm(x, gamma, beta, eps=1e-5):
    return x * 0 + beta
