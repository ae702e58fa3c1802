"""Sends gradients that it has not computed, one for every input and more, with a header that says they are right.

Outcome: should be
"""

import grader_guest.child as child
import torch
from safetensors.torch import load, save

REAL = child.carry_out


def _carry_out(workspace, request, payload):
    if request["function"] != "layer_norm":
        return REAL(workspace, request, payload)
    given = load(payload)
    answer = {name: torch.zeros_like(value) for name, value in given.items()} | {"v": torch.zeros_like(given["x"])}
    header = {"status": "returned", "value": {"tensor": "v"}, "device": "cpu", "modified": [], "gradient_error": None}
    return header | {"gradients": {n: n for n in given}, "gradient_is_right": True}, save(answer)


child.carry_out = _carry_out


def layer_norm(x, gamma, beta, eps=1e-5):
    return x
