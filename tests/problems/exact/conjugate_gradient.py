"""Ways to write `conjugate_gradient` that are right as mathematics; most give NaN once the system is solved."""

import torch


def as_printed(matrix, vector, iterations):
    x, r, p = torch.zeros_like(vector), vector, vector
    for _ in range(iterations):
        alpha = r @ r / (p @ matrix @ p)
        x = x + alpha * p
        following = r - alpha * matrix @ p
        p = following + following @ following / (r @ r) * p
        r = following
    return x


def residual_computed_anew(matrix, vector, iterations):
    x, r, p = torch.zeros_like(vector), vector, vector
    for _ in range(iterations):
        x = x + (r @ p) / (p @ (matrix @ p)) * p
        following = vector - matrix @ x
        p = following + (following @ following) / (r @ r) * p
        r = following
    return x


def direction_made_conjugate(matrix, vector, iterations):
    x, p = torch.zeros_like(vector), vector
    for _ in range(iterations):
        ap = matrix @ p
        x = torch.addcmul(x, (vector - matrix @ x).dot(p) / ap.dot(p), p)
        r = vector - matrix @ x
        p = r - r.dot(ap) / p.dot(ap) * p
    return x


def polak_and_ribiere(matrix, vector, iterations):
    x, r, p = torch.zeros_like(vector), vector.clone(), vector.clone()
    for _ in range(iterations):
        ap = matrix.mv(p)
        alpha = r.dot(r) / p.dot(ap)
        x.add_(alpha * p)
        before = r.clone()
        r.sub_(alpha * ap)
        p = r + r.dot(r - before) / before.dot(before) * p
    return x


def best_in_the_krylov_space(matrix, vector, iterations):
    powers = [vector]
    for _ in range(iterations - 1):
        powers.append(matrix @ powers[-1])
    basis = torch.stack(powers, dim=1)
    return basis @ torch.linalg.solve(basis.T @ matrix @ basis, basis.T @ vector)


def conjugate_to_all_earlier_ones(matrix, vector, iterations):
    x, directions = torch.zeros_like(vector), []
    for _ in range(iterations):
        p = r = vector - matrix @ x
        for earlier in directions:
            p = p - (earlier @ matrix @ r) / (earlier @ matrix @ earlier) * earlier
        directions.append(p)
        x = x + (p @ r) / (p @ matrix @ p) * p
    return x


def minimum_of_the_quadratic_along_the_direction(matrix, vector, iterations):
    x = torch.zeros_like(vector)
    p = -torch.func.grad(lambda y: y @ matrix @ y / 2 - vector @ y)(x)
    gradient = -p
    for _ in range(iterations):
        x = x - (gradient @ p) / (p @ matrix @ p) * p
        following = matrix @ x - vector
        p = -following + (following @ following) / (gradient @ gradient) * p
        gradient = following
    return x
