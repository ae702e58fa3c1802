"""Ways to write `euclidean_score` that are right as mathematics; some lose digits, or the gradient at equal points."""

import torch


def root_of_the_sum_of_squares(queries, keys):
    return -torch.sqrt(((queries.unsqueeze(-2) - keys.unsqueeze(-3)) ** 2).sum(-1))


def squares_multiplied_out(queries, keys):
    q, k = queries.square().sum(-1, keepdim=True), keys.square().sum(-1).unsqueeze(-2)
    return -((q - 2 * queries @ keys.mT + k) ** 0.5)


def squares_multiplied_out_and_clamped(queries, keys):
    q, k = queries.square().sum(-1, keepdim=True), keys.square().sum(-1).unsqueeze(-2)
    return -(q - 2 * queries @ keys.mT + k).clamp(min=0).sqrt()


def einsum(queries, keys):
    differences = keys[..., None, :, :] - queries[..., :, None, :]
    return -torch.einsum("...d,...d->...", differences, differences).sqrt()


def mean_times_the_dimension(queries, keys):
    differences = queries[..., :, None, :] - keys[..., None, :, :]
    return -torch.sqrt(differences.square().mean(-1) * queries.shape[-1])


def loop_over_the_features(queries, keys):
    squares = (torch.square(queries[..., :, i, None] - keys[..., None, :, i]) for i in range(queries.shape[-1]))
    return -torch.sqrt(sum(squares))


def absolute_differences_squared(queries, keys):
    differences = (queries.unsqueeze(-2) - keys.unsqueeze(-3)).abs()
    return -(differences * differences).sum(-1).pow(0.5)
