"""Functions of a 2 × 3 tensor and a vector of 3, in the many ways in which a student may write one."""

from __future__ import annotations

import warnings

import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Categorical, Normal, kl_divergence

TABLE = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], dtype=torch.float64)
ROW = TABLE[0]


def layer_norm(x, g):
    return F.layer_norm(x, (3,), g, g, 1e-5)


def attention(x, g):
    return F.scaled_dot_product_attention(x, x, x, attn_mask=torch.zeros(2, 2))


def entropy(x, g):
    return Categorical(logits=x).entropy()


def log_prob(x, g):
    return Categorical(probs=x.softmax(-1)).log_prob(torch.tensor([0, 2]))


def divergence(x, g):
    return kl_divergence(Categorical(logits=x), Categorical(logits=x * g))


def gaussian(x, g):
    return Normal(x, g.exp()).log_prob(2 * x)


def written_in_place(x, g):
    result = torch.zeros_like(x)
    result[0] = x[1]
    result[:, 1] += x[:, 0] * 2
    result.mul_(g).clamp_(min=-1)
    return result.flip(0).cumsum(0)


def written_through_a_view(x, g):
    result = x.clone()
    row = result[1]
    row.add_(g)
    row[0] = 7
    return result


def differentiated_inside(x, g):
    y = x.detach().requires_grad_()
    return torch.autograd.grad((y.softmax(-1) * g).sum(), y)[0]


def backward_inside(x, g):
    y = x.detach().clone().requires_grad_()
    (y * y * g).sum().backward()
    return y.grad


def functional_gradient(x, g):
    return torch.func.vmap(torch.func.grad(lambda row: (row * row.softmax(-1)).sum()))(x)


def hessian(x, g):
    return torch.func.hessian(lambda row: torch.logsumexp(row, 0))(x[0])


def tangent(x, g):
    return torch.func.jvp(lambda y: y.tanh() * y, (x,), (x,))[1]


def own_autograd_function(x, g):
    class Exponential(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a):
            ctx.save_for_backward(a)
            return a.exp()

        @staticmethod
        def backward(ctx, weights):
            return weights * ctx.saved_tensors[0].exp()

    return Exponential.apply(x)


def einsum(x, g):
    return torch.einsum("ij,kj->ik", x, x)


def causal(x, g):
    mask = torch.ones(2, 3, dtype=torch.bool).triu(1)
    return x.masked_fill(mask, float("-inf")).log_softmax(-1).logsumexp(-1)


def indexed(x, g):
    picked = x.gather(1, torch.tensor([[0], [2]])) + x[torch.arange(2), torch.tensor([1, 1])][:, None]
    return picked * x[torch.tensor([True, False])]


def activations(x, g):
    return torch.min(x.clamp(0.75, 1.25) * x, x) + F.elu(x) + F.softplus(x) + F.gelu(x) + F.relu(x) + F.silu(x)


def losses(x, g):
    pairs = F.mse_loss(x, 2 * x) + F.huber_loss(x, 2 * x) + F.smooth_l1_loss(x, 2 * x)
    return pairs + F.cross_entropy(x, torch.tensor([0, 2])) + F.binary_cross_entropy_with_logits(x, torch.ones_like(x))


def linear_algebra(x, g):
    return torch.linalg.solve(torch.eye(3) * 2, x.T) + x.std() + x.var(-1, unbiased=False).sum() + torch.norm(x)


def distances(x, g):
    return torch.cdist(x, 2 * x) + F.cosine_similarity(x[:, None], x[None], -1) + torch.tril(x @ x.T)


def parameters(x, g):
    return nn.Parameter(x) * nn.Parameter(2 * x) * nn.Parameter(torch.ones(2, 3))


def stepped_by_an_optimiser(x, g):
    weight = nn.Parameter(x.detach().clone())
    optimiser = torch.optim.SGD([weight], lr=0.1, momentum=0.9, weight_decay=0.01)
    for _ in range(2):
        weight.grad = torch.cos(weight.detach()) * g.detach()
        optimiser.step()
    return weight.detach()


def copies(x, g):
    other = torch.zeros(2, 3)
    other.data = x * 2
    return x.data * 2 + x.detach().clone().float().double().contiguous().to(torch.float64) + other


def of_the_module(x, g):
    return x * TABLE + ROW


def made_of_a_tensor(x, g):
    return torch.tensor(x.detach()) * torch.as_tensor(x)


def rows(x, g):
    for row in x:
        g = g + row
    return torch.stack([g, g])


def subclassed(x, g):
    class Named(torch.Tensor):
        pass

    return (x.as_subclass(Named) * g).exp()


def without_gradients(x, g):
    with torch.no_grad():
        y = F.linear(x, torch.eye(3), g)
    with torch.inference_mode():
        return y + F.normalize(x)


def softmax(x, g):
    return torch.softmax(x * g, -1)


def scripted(x, g):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.script(softmax)(x, g)


FOLLOWED = [
    layer_norm, attention, entropy, log_prob, divergence, gaussian, written_in_place, written_through_a_view,
    differentiated_inside, backward_inside, functional_gradient, hessian, tangent, own_autograd_function, einsum,
    causal, indexed, activations, losses, linear_algebra, distances, parameters,
    stepped_by_an_optimiser, copies, of_the_module,
    made_of_a_tensor, rows, subclassed, without_gradients, softmax, scripted,
]  # fmt: skip
