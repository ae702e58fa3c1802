"""Ways to write `layer_norm_backward` that are right as mathematics; some lose digits where the mean is large."""

import torch


def _summed(grad_output, x_hat):
    rows = grad_output.reshape(-1, grad_output.shape[-1])
    return (rows * x_hat.reshape(rows.shape)).sum(0), rows.sum(0)


def mean_of_the_squares(grad_output, x, gamma, eps):
    mu = x.mean(-1, keepdim=True)
    rstd = ((x * x).mean(-1, keepdim=True) - mu * mu + eps) ** -0.5
    x_hat, g = (x - mu) * rstd, gamma * grad_output
    dx = rstd * (g - g.mean(-1, keepdim=True) - x_hat * (g * x_hat).mean(-1, keepdim=True))
    return dx, *_summed(grad_output, x_hat)


def powers_of_the_deviation(grad_output, x, gamma, eps):
    centred = x - x.mean(-1, keepdim=True)
    total = x.var(-1, correction=0, keepdim=True) + eps
    g = gamma * grad_output
    numerator = total * (g - g.mean(-1, keepdim=True)) - centred * (g * centred).mean(-1, keepdim=True)
    return numerator / total**1.5, *_summed(grad_output, centred / total.sqrt())


def without_fractions(grad_output, x, gamma, eps):
    d = x.shape[-1]
    g = gamma * grad_output
    centred = d * x - x.sum(-1, keepdim=True)
    s = ((centred * centred).sum(-1, keepdim=True) / d + d * d * eps).sqrt()
    x_hat = centred / s
    dx = (d * g - g.sum(-1, keepdim=True) - x_hat * (g * x_hat).sum(-1, keepdim=True)) / s
    return dx, *_summed(grad_output, x_hat)


def covariance_of_gradient_and_feature(grad_output, x, gamma, eps):
    g = gamma * grad_output
    centred, centred_g = x - x.mean(-1, keepdim=True), g - g.mean(-1, keepdim=True)
    variance = centred.square().mean(-1, keepdim=True) + eps
    slope = (centred_g * centred).mean(-1, keepdim=True) / variance
    return (centred_g - slope * centred) / variance.sqrt(), *_summed(grad_output, centred / variance.sqrt())


def pairs_of_features(grad_output, x, gamma, eps):
    d = x.shape[-1]
    difference = x.unsqueeze(-1) - x.unsqueeze(-2)
    variance = difference.square().mean((-1, -2)).unsqueeze(-1) / 2 + eps
    x_hat = difference.mean(-1) / variance.sqrt()
    g = gamma * grad_output
    pulled = (g.unsqueeze(-1) - g.unsqueeze(-2)).mean(-1)
    dx = (pulled - x_hat * torch.einsum("...i,...i->...", g, x_hat).unsqueeze(-1) / d) / variance.sqrt()
    return dx, *_summed(grad_output, x_hat)


def through_logarithms(grad_output, x, gamma, eps):
    centred = x - x.mean(-1, keepdim=True)
    rstd = torch.exp(-0.5 * torch.log(centred.square().mean(-1, keepdim=True) + eps))
    g, x_hat = gamma * grad_output, centred * rstd
    inner = g - x_hat * (g * x_hat).mean(-1, keepdim=True)
    # x̂ has the mean 0, so the mean can be taken off at the end
    return (inner - inner.mean(-1, keepdim=True)) * rstd, *_summed(grad_output, x_hat)
