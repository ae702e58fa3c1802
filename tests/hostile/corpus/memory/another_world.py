"""Turns PyTorch's global settings round: default dtype and device, gradients, seeds, determinism, modes of all kinds.

Outcome: should be|raised
"""

import random

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode


class Zeros(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        return result * 0 if isinstance(result, torch.Tensor) and result.is_floating_point() else result


torch.manual_seed = torch.random.manual_seed = random.seed = lambda *seed: torch.default_generator
np.random.seed = lambda *seed: None
torch.set_default_device("meta")
torch.set_grad_enabled(False)
torch.autograd.set_detect_anomaly(True)
torch.set_default_dtype(torch.float16)
torch.use_deterministic_algorithms(True)
np.seterr(all="raise")


def layer_norm(x, gamma, beta, eps=1e-5):
    torch.set_default_dtype(torch.bfloat16)
    torch.set_default_device("meta")
    torch.inference_mode(True).__enter__()
    torch.autograd.graph.saved_tensors_hooks(lambda t: t * 0, lambda t: t).__enter__()
    return torch.zeros_like(x)
