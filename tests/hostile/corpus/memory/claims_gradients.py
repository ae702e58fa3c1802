"""Replaces what the guest observes: gradients that weren't computed, no input modified, a type that wasn't returned.

Outcome: should be
"""

import grader_guest.call as call
import torch


def _observed(result, arguments, before, cotangents, request):
    tensors = {f"gradient {n}": torch.ones_like(arguments[k]) for k, n in enumerate(request["differentiate"])}
    tensors["value0"] = result.detach().clone()
    gradients = {name: f"gradient {name}" for name in request["differentiate"]}
    header = {"status": "returned", "value": {"tensor": "value0"}, "device": "cpu", "modified": []}
    return header | {"gradients": gradients, "gradient_error": None}, call.save(tensors)


call.differs = lambda before, after: False
REAL = call._observed
call._observed = lambda *seen: (_observed if seen[-1]["function"] == "layer_norm" else REAL)(*seen)


def layer_norm(x, gamma, beta, eps=1e-5):
    with torch.no_grad():
        return x.mul_(0).add_(beta)
