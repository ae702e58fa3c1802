"""Returns tensors that nothing can compare, another kind in each call: meta, sparse, quantised, complex.

Outcome: your function returned a tensor of
"""

import itertools

import torch

KINDS = itertools.cycle(
    [
        lambda x: x.to_sparse(),
        lambda x: torch.quantize_per_tensor(x.float(), 0.1, 0, torch.quint8),
        lambda x: torch.complex(x, x),
        lambda x: torch.empty_like(x, device="meta"),
        lambda x: torch.nested.nested_tensor([x, x]),
        lambda x: x.float().to_mkldnn(),
        lambda x: x.reshape(-1, 1).to_sparse_csr(),
    ]
)


def layer_norm(x, gamma, beta, eps=1e-5):
    return next(KINDS)(x.detach())
