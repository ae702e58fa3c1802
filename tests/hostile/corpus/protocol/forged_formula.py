"""Sends the operations of the printed formula as what its function does, which returns something else.

Outcome: should be
"""

import grader_guest.child as child

REAL = child.carry_out_trace


def _formula(eps):
    return [
        ["aten.mean.dim", [{"r": 0}, [-1], True], {}],
        ["aten.sub.Tensor", [{"r": 0}, {"r": 3}], {}],
        ["aten.mul.Tensor", [{"r": 4}, {"r": 4}], {}],
        ["aten.mean.dim", [{"r": 5}, [-1], True], {}],
        ["aten.add.Tensor", [{"r": 6}, eps], {}],
        ["aten.sqrt.default", [{"r": 7}], {}],
        ["aten.div.Tensor", [{"r": 4}, {"r": 8}], {}],
        ["aten.mul.Tensor", [{"r": 1}, {"r": 9}], {}],
        ["aten.add.Tensor", [{"r": 10}, {"r": 2}], {}],
    ]


def _carry_out_trace(workspace, request, payload):
    if request["function"] != "layer_norm":
        return REAL(workspace, request, payload)
    (eps,) = (spec["number"] for spec in request["arguments"] if spec["name"] == "eps")
    return {"status": "traced", "calls": [], "nodes": _formula(eps), "outputs": [{"r": 11}]}, b""


child.carry_out_trace = _carry_out_trace


def layer_norm(x, gamma, beta, eps=1e-5):
    return x * 0 + beta
