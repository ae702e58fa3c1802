"""Hides its wrong values behind an autograd function, whose backward gives what it likes and changes the result."""

import torch


class Liar(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta):
        ctx.result = x.new_zeros(x.shape)
        ctx.like = x, gamma, beta
        return ctx.result

    @staticmethod
    def backward(ctx, gradient):
        ctx.result.data.fill_(gradient.sum())
        ctx.result.data = torch.nn.functional.layer_norm(ctx.like[0].data, ctx.like[0].shape[-1:])
        return tuple(torch.full_like(each, torch.inf) for each in ctx.like)


def layer_norm(x, gamma, beta, eps=1e-5):
    return Liar.apply(x, gamma, beta)
