"""Right answers to `minibatch_indices`, written in the ways that students write them."""

import random

import numpy as np
import torch


def permutation_for_each_epoch(size, minibatch_size, epochs, generator):
    rows = []
    for _ in range(epochs):
        permutation = torch.randperm(size, generator=generator)
        for start in range(0, size, minibatch_size):
            rows.append(permutation[start : start + minibatch_size])
    return torch.stack(rows)


def sorted_random_keys(size, minibatch_size, epochs, generator):
    return torch.rand(epochs, size, generator=generator).argsort(dim=1).reshape(-1, minibatch_size)


def multinomial_without_replacement(size, minibatch_size, epochs, generator):
    weights = torch.ones(epochs, size)
    return torch.multinomial(weights, size, replacement=False, generator=generator).view(-1, minibatch_size)


def split_and_stack(size, minibatch_size, epochs, generator):
    return torch.cat(
        [torch.stack(torch.randperm(size, generator=generator).split(minibatch_size)) for _ in range(epochs)]
    )


def filled_row_by_row(size, minibatch_size, epochs, generator):
    per_epoch = size // minibatch_size
    result = torch.zeros(epochs * per_epoch, minibatch_size, dtype=torch.int64)
    for epoch in range(epochs):
        result[epoch * per_epoch : (epoch + 1) * per_epoch] = torch.randperm(size, generator=generator).reshape(
            per_epoch, minibatch_size
        )
    return result


def numpy_seeded_from_the_generator(size, minibatch_size, epochs, generator):
    rng = np.random.default_rng(torch.randint(2**62, (1,), generator=generator).item())
    indices = np.stack([rng.permutation(size) for _ in range(epochs)])
    return torch.from_numpy(indices.reshape(-1, minibatch_size)).long()


def fisher_yates(size, minibatch_size, epochs, generator):
    rng = random.Random(int(torch.randint(2**62, (), generator=generator)))
    everything = []
    for _ in range(epochs):
        order = list(range(size))
        for i in range(size - 1, 0, -1):
            j = rng.randint(0, i)
            order[i], order[j] = order[j], order[i]
        everything += order
    return torch.tensor(everything).reshape(-1, minibatch_size)
