"""Right answers to `layer_norm_backward`, written in the ways that students write them."""

import torch
import torch.nn.functional as F


def closed_form(grad_output, x, gamma, eps):
    mu = x.mean(-1, keepdim=True)
    std = torch.sqrt(x.var(-1, keepdim=True, unbiased=False) + eps)
    x_hat = (x - mu) / std
    dx_hat = grad_output * gamma
    dx = (dx_hat - dx_hat.mean(-1, keepdim=True) - x_hat * (dx_hat * x_hat).mean(-1, keepdim=True)) / std
    batch = tuple(range(x.dim() - 1))
    dgamma, dbeta = grad_output * x_hat, grad_output.clone()
    if batch:
        dgamma, dbeta = dgamma.sum(dim=batch), dbeta.sum(dim=batch)
    return dx, dgamma, dbeta


def step_by_step(grad_output, x, gamma, eps):
    # backwards through every line of the forward pass, with the names of the graph
    d = x.shape[-1]
    xmu = x - x.mean(dim=-1, keepdim=True)
    var = (xmu**2).mean(dim=-1, keepdim=True)
    ivar = (var + eps) ** -0.5
    dxhat = grad_output * gamma
    dvar = (dxhat * xmu).sum(dim=-1, keepdim=True) * -0.5 * ivar**3
    dmu = (-dxhat * ivar).sum(dim=-1, keepdim=True) + dvar * (-2 * xmu).mean(dim=-1, keepdim=True)
    dx = dxhat * ivar + dvar * 2 * xmu / d + dmu / d
    flat = grad_output.reshape(-1, d)
    return dx, (flat * (xmu * ivar).reshape(-1, d)).sum(0), flat.sum(0)


def autograd_of_the_library(grad_output, x, gamma, eps):
    with torch.enable_grad():
        x, gamma = x.detach().requires_grad_(), gamma.detach().requires_grad_()
        beta = torch.zeros_like(gamma, requires_grad=True)
        y = F.layer_norm(x, gamma.shape, gamma, beta, eps)
        return torch.autograd.grad(y, (x, gamma, beta), grad_output)


def vector_jacobian_product(grad_output, x, gamma, eps):
    def forward(x, gamma, beta):
        centred = x - x.mean(-1, keepdim=True)
        return gamma * centred / torch.sqrt(centred.square().mean(-1, keepdim=True) + eps) + beta

    _, backward = torch.func.vjp(forward, x, gamma, torch.zeros_like(gamma))
    return backward(grad_output)


def einsum(grad_output, x, gamma, eps):
    d = x.size(-1)
    centred = x - x.mean(-1, keepdim=True)
    rstd = torch.rsqrt(torch.einsum("...i,...i->...", centred, centred) / d + eps).unsqueeze(-1)
    x_hat = centred * rstd
    g = torch.einsum("...i,i->...i", grad_output, gamma)
    projection = torch.einsum("...i,...j,...j->...i", x_hat, x_hat, g) / d
    dx = rstd * (g - g.sum(-1, keepdim=True) / d - projection)
    return dx, torch.einsum("...i,...i->i", grad_output, x_hat), torch.einsum("...i->i", grad_output)


def loop_over_the_vectors(grad_output, x, gamma, eps):
    d = x.shape[-1]
    dx = torch.zeros_like(x).reshape(-1, d)
    dgamma, dbeta = torch.zeros_like(gamma), torch.zeros_like(gamma)
    for n, (g, row) in enumerate(zip(grad_output.reshape(-1, d), x.reshape(-1, d), strict=True)):
        sigma = torch.sqrt(((row - row.mean()) ** 2).mean() + eps)
        x_hat = (row - row.mean()) / sigma
        dgamma += g * x_hat
        dbeta += g
        dx[n] = (gamma * g - (gamma * g).mean() - x_hat * (gamma * g * x_hat).mean()) / sigma
    return dx.view(x.shape), dgamma, dbeta


def jacobian_as_a_matrix(grad_output, x, gamma, eps):
    d = x.shape[-1]
    centring = torch.eye(d, dtype=x.dtype, device=x.device) - 1 / d
    centred = x - x.mean(-1, keepdim=True)
    s = torch.sqrt((centred**2).mean(-1, keepdim=True) + eps)
    x_hat = centred / s
    jacobian = (centring - x_hat.unsqueeze(-1) * x_hat.unsqueeze(-2) / d) / s.unsqueeze(-1)
    dx = ((grad_output * gamma).unsqueeze(-2) @ jacobian).squeeze(-2)
    rows = grad_output.reshape(-1, d)
    return dx, (rows * x_hat.reshape(-1, d)).sum(0), rows.sum(0)
