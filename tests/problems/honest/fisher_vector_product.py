"""Right answers to `fisher_vector_product`, written in the ways that students write them."""

import numpy as np
import torch
import torch.nn.functional as F
from torch.distributions import Categorical, kl_divergence


def closed_form(logits, vector, damping):
    p = torch.softmax(logits, dim=-1)
    mean = (p * vector).sum(-1, keepdim=True)
    return p * (vector - mean) / logits.shape[0] + damping * vector


def gradient_of_a_gradient(logits, vector, damping):
    with torch.enable_grad():
        z = logits.detach().clone().requires_grad_()
        log_p = F.log_softmax(z, dim=-1)
        old = log_p.detach()
        kl = (old.exp() * (old - log_p)).sum(-1).mean()
        (grad,) = torch.autograd.grad(kl, z, create_graph=True)
        (product,) = torch.autograd.grad((grad * vector.detach()).sum(), z)
    return product + damping * vector


def kl_of_two_distributions(logits, vector, damping):
    with torch.enable_grad():
        z = logits.detach().requires_grad_(True)
        new, old = Categorical(logits=z), Categorical(logits=logits.detach())
        (grad,) = torch.autograd.grad(kl_divergence(old, new).mean(), z, create_graph=True)
        flat_grad, flat_vector = grad.flatten(), vector.detach().flatten()
        (product,) = torch.autograd.grad(flat_grad @ flat_vector, z)
    return product + damping * vector


def matrix_of_each_sample(logits, vector, damping):
    p = F.softmax(logits, dim=1)
    fisher = torch.diag_embed(p) - torch.einsum("na,nb->nab", p, p)
    return torch.einsum("nab,nb->na", fisher, vector) / len(p) + vector * damping


def loop_over_the_samples(logits, vector, damping):
    rows = []
    for z, v in zip(logits, vector, strict=True):
        p = torch.softmax(z, 0)
        rows.append((torch.diag(p) - torch.outer(p, p)) @ v / logits.size(0) + damping * v)
    return torch.stack(rows)


def change_of_the_softmax_along_the_vector(logits, vector, damping):
    # the Jacobian of the softmax is symmetric, so that a product from the left is one from the right
    _, pull = torch.func.vjp(lambda z: torch.softmax(z, dim=-1), logits)
    return pull(vector)[0].div(len(logits)).add(vector, alpha=damping)


def in_numpy(logits, vector, damping):
    z, v = logits.detach().cpu().numpy(), vector.detach().cpu().numpy()
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    product = p * (v - (p * v).sum(axis=1, keepdims=True)) / len(z) + damping * v
    return torch.from_numpy(product).to(logits)
