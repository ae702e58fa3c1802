"""Right answers to `sac_actor_loss`, written in the ways that students write them."""

import torch
import torch.nn.functional as F


def as_printed(q1, q2, log_prob, alpha):
    return (alpha.detach() * log_prob - torch.min(q1, q2)).mean()


def alpha_as_a_number(q1, q2, log_prob, alpha):
    return torch.mean(alpha.item() * log_prob - torch.minimum(q1, q2))


def negative_objective(q1, q2, log_prob, alpha):
    with torch.no_grad():
        temperature = alpha.clone()
    objective = torch.min(q1, q2) - temperature * log_prob
    return -objective.mean()


def two_means(q1, q2, log_prob, alpha):
    min_q = torch.where(q1 < q2, q1, q2)
    entropy = -log_prob.mean()
    return -min_q.mean() - alpha.data * entropy


def smallest_of_a_stack(q1, q2, log_prob, alpha):
    min_q = torch.stack((q1, q2), dim=-1).min(dim=-1).values
    return (alpha.detach() * log_prob - min_q).sum() / q1.shape[0]


def loop_over_the_samples(q1, q2, log_prob, alpha):
    alpha = alpha.detach()
    total = torch.zeros((), dtype=q1.dtype)
    for i in range(len(q1)):
        total = total + alpha * log_prob[i] - torch.min(q1[i], q2[i])
    return total / len(q1)


def gap_between_the_critics(q1, q2, log_prob, alpha):
    min_q = q1 - F.relu(q1 - q2)
    return torch.dot(log_prob, alpha.detach().expand_as(log_prob)) / len(q1) - min_q.mean()
