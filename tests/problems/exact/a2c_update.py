"""Ways to write `a2c_update` that are right as mathematics; some lose digits."""

import torch


def mean_of_the_workers_results(params, worker_grads, lr):
    return (params - lr * worker_grads).mean(0)


def running_mean(params, worker_grads, lr):
    mean = torch.zeros_like(params)
    for count, gradient in enumerate(worker_grads, start=1):
        mean = mean + (gradient - mean) / count
    return params - lr * mean


def einsum(params, worker_grads, lr):
    return params - torch.einsum("wp->p", worker_grads) * (lr / worker_grads.shape[0])


def one_parameter_at_a_time(params, worker_grads, lr):
    return torch.stack([p - lr * column.mean() for p, column in zip(params, worker_grads.T, strict=True)])


def added_with_a_factor(params, worker_grads, lr):
    return torch.add(params, worker_grads.sum(dim=0), alpha=-lr / len(worker_grads))


def interpolated(params, worker_grads, lr):
    return torch.lerp(params, params - worker_grads.mean(0), lr)


def rows_stacked_below_the_parameters(params, worker_grads, lr):
    W = len(worker_grads)
    weights = torch.tensor([1.0] + [-lr / W] * W, dtype=params.dtype)
    return weights @ torch.cat((params[None], worker_grads))
