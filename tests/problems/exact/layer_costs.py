"""More ways to write `layer_costs`; some round, or overflow where the product does not."""

import torch


def by_logarithms(n, d, k):
    exponents = torch.tensor([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [1.0, 2.0, 1.0]], dtype=n.dtype)
    return torch.exp(exponents @ torch.log(torch.stack((n, d, k))))


def powers_and_a_product(n, d, k):
    exponents = torch.tensor([[2, 1, 0], [1, 2, 0], [1, 2, 1]])
    return torch.prod(torch.stack((n, d, k)) ** exponents, dim=-1)


def from_one_another(n, d, k):
    recurrence = n * d * d
    return torch.stack((recurrence * n / d, recurrence, recurrence * k))


def pairs_times_the_width(n, d, k):
    pairs = n.square()
    return torch.stack((pairs * d, d.square() * n, (k * d).square() * n / k))


def outer_product(n, d, k):
    both = torch.outer(torch.stack((n, d, k * d)), torch.stack((n, d)))
    return torch.stack((both[0, 0] * d, both[1, 1] * n, both[2, 1] * n))


def last_one_again(n, d, k):
    both = torch.stack((n, d)) * n * d
    return torch.cat((both, k * both[1:]))
