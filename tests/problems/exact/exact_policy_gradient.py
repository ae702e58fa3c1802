"""Ways to write `exact_policy_gradient` that are right as mathematics; some overflow for large θ."""

import torch
import torch.nn.functional as F


def _solved(theta, transition, reward, start, gamma):
    """π, d and Q."""
    pi = torch.softmax(theta, dim=-1)
    system = torch.eye(len(theta), dtype=theta.dtype) - gamma * torch.einsum("sa,sat->st", pi, transition)
    values = torch.linalg.solve(system, (pi * reward).sum(-1))
    return pi, torch.linalg.solve(system.mT, start), reward + gamma * transition @ values


def exponentials_by_hand(theta, transition, reward, start, gamma):
    e = torch.exp(theta)
    pi = e / e.sum(1, keepdim=True)
    m = torch.eye(len(theta), dtype=theta.dtype) - gamma * (pi[..., None] * transition).sum(1)
    inverse = torch.linalg.inv(m)
    v = inverse @ (pi * reward).sum(1)
    return (inverse.T @ start)[:, None] * pi * (reward + gamma * transition @ v - v[:, None])


def compared_with_every_other_action(theta, transition, reward, start, gamma):
    pi, d, q = _solved(theta, transition, reward, start, gamma)
    gaps = q[:, :, None] - q[:, None, :]
    return d[:, None] * pi * torch.einsum("sb,sab->sa", pi, gaps)


def scores_weighted_with_q(theta, transition, reward, start, gamma):
    pi, d, q = _solved(theta, transition, reward, start, gamma)
    scores = torch.eye(theta.shape[1], dtype=theta.dtype) - pi[:, None, :]  # of action b with respect to θ[s, a]
    return torch.einsum("s,sb,sb,sba->sa", d, pi, q, scores)


def autograd_of_a_surrogate(theta, transition, reward, start, gamma):
    theta = theta.detach().requires_grad_()
    pi, d, q = (x.detach() for x in _solved(theta, transition, reward, start, gamma))
    surrogate = (d[:, None] * pi * q * F.log_softmax(theta, dim=-1)).sum()
    return torch.autograd.grad(surrogate, theta)[0]


def row_vector_solved_from_the_right(theta, transition, reward, start, gamma):
    pi = theta.softmax(1)
    p = (pi[:, None, :] @ transition).squeeze(1)
    m = torch.eye(len(p), dtype=p.dtype) - gamma * p
    d = torch.linalg.solve(m, start[None, :], left=False)[0]
    v = torch.linalg.solve(m, (pi * reward).sum(1, keepdim=True))
    advantages = reward + gamma * (transition @ v).squeeze(-1) - v
    return torch.diag(d) @ (pi * advantages)


def differences_that_leave_out_what_is_common(theta, transition, reward, start, gamma):
    pi, d, q = _solved(theta, transition, reward, start, gamma)
    q = q - q[:, :1]
    weighted = pi * q
    return d.unsqueeze(-1) * (weighted - pi * weighted.sum(-1, keepdim=True))


def vector_jacobian_product(theta, transition, reward, start, gamma):
    def objective(parameters):
        pi = torch.softmax(parameters, dim=-1)
        m = torch.eye(len(pi), dtype=pi.dtype) - gamma * torch.einsum("sa,sat->st", pi, transition)
        return start @ (torch.linalg.inv(m) @ (pi * reward).sum(-1))

    return torch.func.vjp(objective, theta)[1](torch.ones((), dtype=theta.dtype))[0]
