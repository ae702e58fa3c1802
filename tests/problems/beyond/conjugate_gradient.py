"""Right answers to `conjugate_gradient`: where the system is solved they can't be its formula."""

import torch


def quotients_that_look_before_they_divide(matrix, vector, iterations):
    x, r, p = torch.zeros_like(vector), vector, vector
    for _ in range(iterations):
        curvature, squared = p @ matrix @ p, r @ r
        alpha = torch.where(curvature > 0, squared / torch.where(curvature > 0, curvature, 1.0), 0.0)
        x, r = x + alpha * p, r - alpha * (matrix @ p)
        p = r + torch.where(squared > 0, r @ r / torch.where(squared > 0, squared, 1.0), 0.0) * p
    return x
