"""Ways to write `naf_q_value` that are right as mathematics; some lose digits."""

import torch


def _lower(entries):
    return torch.tril(entries, -1) + torch.diag_embed(torch.diagonal(entries, dim1=-2, dim2=-1).exp())


def matrix_between_two_vectors(value, mean, entries, actions):
    L, u = _lower(entries), (actions - mean).unsqueeze(-1)
    return value - (u.mT @ (L @ L.mT) @ u).reshape(-1) / 2


def quadratic_expanded(value, mean, entries, actions):
    P = torch.einsum("nik,njk->nij", _lower(entries), _lower(entries))

    def form(a, b):
        return torch.einsum("ni,nij,nj->n", a, P, b)

    return value - 0.5 * (form(actions, actions) - 2 * form(actions, mean) + form(mean, mean))


def sum_of_all_products(value, mean, entries, actions):
    L, u = _lower(entries), actions - mean
    P = (L.unsqueeze(2) * L.unsqueeze(1)).sum(-1)
    return value - 0.5 * (P * u.unsqueeze(1) * u.unsqueeze(2)).sum((1, 2))


def unit_triangle_and_scales(value, mean, entries, actions):
    # L = M D with ones on the diagonal of M
    scales = torch.diagonal(entries, dim1=-2, dim2=-1).exp()
    unit = torch.tril(entries, -1) / scales.unsqueeze(1) + torch.eye(mean.shape[-1], dtype=entries.dtype)
    v = torch.einsum("nik,ni->nk", unit, actions - mean) * scales
    return value - 0.5 * (v * v).sum(-1)


def exponentials_selected(value, mean, entries, actions):
    d = mean.shape[-1]
    row, column = torch.arange(d).unsqueeze(1), torch.arange(d).unsqueeze(0)
    L = torch.where(row == column, entries.exp(), entries) * (row >= column)
    return value - 0.5 * ((actions - mean).unsqueeze(1) @ L).squeeze(1).pow(2).sum(-1)


def filled_from_the_triangle(value, mean, entries, actions):
    d = mean.shape[-1]
    rows, columns = torch.tril_indices(d, d, offset=-1)
    L = torch.diag_embed(torch.diagonal(entries, dim1=-2, dim2=-1)).exp() * torch.eye(d, dtype=entries.dtype)
    L[:, rows, columns] = entries[:, rows, columns]
    return value - (torch.linalg.vecdot(L, (actions - mean).unsqueeze(-1), dim=1) ** 2).sum(-1) / 2
