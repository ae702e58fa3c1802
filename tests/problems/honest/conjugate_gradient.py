"""Right answers to `conjugate_gradient`, written in the ways that students write them."""

import numpy as np
import torch


def as_in_the_textbook(matrix, vector, iterations):
    x = torch.zeros_like(vector)
    r = vector.clone()
    p = r.clone()
    rs_old = r @ r
    small = torch.finfo(vector.dtype).eps ** 2 * rs_old
    for _ in range(iterations):
        if rs_old <= small:
            break
        ap = matrix @ p
        alpha = rs_old / (p @ ap)
        x += alpha * p
        r -= alpha * ap
        rs_new = r @ r
        p = r + (rs_new / rs_old) * p
        rs_old = rs_new
    return x


def relative_norm_of_the_residual(matrix, vector, iterations):
    x, r = torch.zeros_like(vector), vector.clone()
    p = r
    tolerance = torch.finfo(vector.dtype).eps * torch.linalg.vector_norm(vector)
    for _ in range(iterations):
        if torch.linalg.vector_norm(r) <= tolerance:
            return x
        ap = torch.mv(matrix, p)
        alpha = torch.dot(r, r) / torch.dot(p, ap)
        x = x + alpha * p
        r_next = r - alpha * ap
        p = r_next + torch.dot(r_next, r_next) / torch.dot(r, r) * p
        r = r_next
    return x


def quotients_without_nan(matrix, vector, iterations):
    def ratio(a, b):
        return torch.nan_to_num(a / b, nan=0.0, posinf=0.0, neginf=0.0)

    x = vector * 0
    r = p = vector
    for _ in range(iterations):
        ap = matrix.mv(p)
        alpha = ratio(r.dot(r), p.dot(ap))
        x = x + alpha * p
        r, before = r - alpha * ap, r
        p = r + ratio(r.dot(r), before.dot(before)) * p
    return x


def einsum_and_nan_to_num(matrix, vector, iterations):
    x, r, p = torch.zeros_like(vector), vector, vector
    for _ in range(iterations):
        curvature = torch.einsum("i,ij,j->", p, matrix, p)
        squared = torch.einsum("i,i->", r, r)
        alpha = (squared / curvature).nan_to_num(0.0, 0.0, 0.0)
        x = torch.add(x, alpha * p)
        r = torch.sub(r, alpha * torch.einsum("ij,j->i", matrix, p))
        beta = (torch.einsum("i,i->", r, r) / squared).nan_to_num(0.0, 0.0, 0.0)
        p = r + beta * p
    return x


def frozen_once_solved(matrix, vector, iterations):
    x, r, p = torch.zeros_like(vector), vector.clone(), vector.clone()
    smallest = (torch.finfo(vector.dtype).eps * vector.norm()) ** 2
    for _ in range(iterations):
        rr, pap = r @ r, p @ (matrix @ p)
        solved = rr <= smallest
        alpha = torch.where(solved, 0.0, rr / torch.where(solved, 1.0, pap))
        x = x + alpha * p
        following = r - alpha * (matrix @ p)
        beta = torch.where(solved, 0.0, (following @ following) / torch.where(solved, 1.0, rr))
        r, p = following, following + beta * p
    return x


def in_numpy(matrix, vector, iterations):
    a, b = matrix.detach().cpu().numpy(), vector.detach().cpu().numpy()
    x, r, p = np.zeros_like(b), b.copy(), b.copy()
    limit = np.finfo(b.dtype).eps * np.linalg.norm(b)
    for _ in range(iterations):
        if np.linalg.norm(r) <= limit:
            break
        alpha = r.dot(r) / p.dot(a.dot(p))
        x = x + alpha * p
        following = r - alpha * a.dot(p)
        p = following + following.dot(following) / r.dot(r) * p
        r = following
    return torch.from_numpy(x).to(vector)


def residual_computed_anew(matrix, vector, iterations):
    x, p = torch.zeros_like(vector), vector
    r = vector
    for _ in range(iterations):
        if r.norm() <= 4 * torch.finfo(r.dtype).eps * vector.norm():
            break
        x = x + (r @ r) / (p @ matrix @ p) * p
        following = vector - matrix @ x
        p = following + (following @ following) / (r @ r) * p
        r = following
    return x
