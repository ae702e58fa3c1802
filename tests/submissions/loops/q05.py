"""Question 5: trust regions and the natural gradient."""

import torch


def surrogate_objective(log_prob, old_log_prob, advantages):
    terms = []
    for new, old, advantage in zip(log_prob, old_log_prob.detach(), advantages.detach()):
        terms.append(torch.exp(new - old) * advantage)
    return torch.stack(terms).mean()


def categorical_kl(old_logits, new_logits):
    old_log_probs = torch.log_softmax(old_logits, dim=-1)
    new_log_probs = torch.log_softmax(new_logits, dim=-1)
    terms = []
    for a in range(old_logits.shape[-1]):
        never_taken = torch.isneginf(old_logits[:, a])
        now_forbidden = torch.isneginf(new_logits[:, a])
        # 0 log 0 = 0; the logs are masked before they are multiplied, or the gradients would be NaN
        old = torch.where(never_taken, 0.0, old_log_probs[:, a])
        new = torch.where(never_taken | now_forbidden, 0.0, new_log_probs[:, a])
        term = torch.where(never_taken, 0.0, old_log_probs[:, a].exp() * (old - new))
        terms.append(torch.where(now_forbidden & ~never_taken, float("inf"), term))
    return torch.stack(terms, dim=-1).sum(dim=-1)


def gaussian_kl(old_mean, old_log_std, new_mean, new_log_std):
    terms = []
    for d in range(old_mean.shape[1]):
        log_ratio = old_log_std[:, d] - new_log_std[:, d]
        z = (old_mean[:, d] - new_mean[:, d]) / torch.exp(new_log_std[:, d])
        terms.append(-log_ratio + 0.5 * (torch.exp(2 * log_ratio) + z**2) - 0.5)
    return torch.stack(terms).sum(dim=0)


def fisher_vector_product(logits, vector, damping):
    N = len(logits)
    products = []
    for z, v in zip(logits, vector):
        # F of one row is diag(pi) - pi pi^T
        pi = torch.softmax(z, dim=0)
        mean = torch.einsum("a,a->", pi, v)
        products.append(pi * (v - mean) / N + damping * v)
    return torch.stack(products)


def conjugate_gradient(matrix, vector, iterations):
    x = torch.zeros_like(vector)
    r = vector.clone()
    p = vector.clone()
    rr = torch.einsum("i,i->", r, r)
    smallest = torch.finfo(vector.dtype).eps ** 2 * rr
    for _ in range(iterations):
        if rr <= smallest:
            break  # solved to rounding, the next step would be 0 / 0
        Ap = torch.einsum("ij,j->i", matrix, p)
        alpha = rr / torch.einsum("i,i->", p, Ap)
        x = x + alpha * p
        r = r - alpha * Ap
        new_rr = torch.einsum("i,i->", r, r)
        p = r + new_rr / rr * p
        rr = new_rr
    return x


def natural_gradient_step(gradient, fisher, max_kl):
    direction = torch.linalg.solve(fisher, gradient)
    length = torch.einsum("i,i->", gradient, direction)
    return torch.sqrt(2 * max_kl / length) * direction


def line_search_fraction(improvements, kls, max_kl):
    for k in range(len(improvements)):
        if improvements[k] > 0 and kls[k] <= max_kl:
            return torch.tensor(0.5**k, dtype=improvements.dtype, device=improvements.device)
    return torch.zeros_like(improvements[0])
