"""Sends operations that don't exist, or that would run a command where names are looked up or evaluated.

Outcome: should be
"""

import grader_guest.child as child

REAL = child.carry_out_trace

COMMAND = "touch /tmp/pwned-by-name"
NODES = [
    ["os.system", [COMMAND], {}],
    ["__import__", ["os"], {"eval": f"__import__('os').system('{COMMAND}')"}],
    ["sympify", [f"__import__('os').system('{COMMAND}')"], {}],
    ["aten.mul.Tensor", [{"r": 0}, f"__import__('os').system('{COMMAND}')"], {}],
]
FORGED = {"nodes": NODES, "outputs": [{"r": 6}]}


def _carry_out_trace(workspace, request, payload):
    if request["function"] != "layer_norm":
        return REAL(workspace, request, payload)
    return {"status": "traced", "calls": [], **FORGED}, b""


child.carry_out_trace = _carry_out_trace


def layer_norm(x, gamma, beta, eps=1e-5):
    return x * 0 + beta
