"""Ways to write `sac_actor_loss` that are right as mathematics; some lose digits."""

import torch
import torch.nn.functional as F


def half_the_sum_minus_the_distance(q1, q2, log_prob, alpha):
    smaller = (q1 + q2 - (q1 - q2).abs()) / 2
    return (alpha.detach() * log_prob - smaller).mean()


def larger_of_the_losses(q1, q2, log_prob, alpha):
    entropy_term = alpha.detach() * log_prob
    return torch.maximum(entropy_term - q1, entropy_term - q2).mean()


def three_means(q1, q2, log_prob, alpha):
    return alpha.detach() * log_prob.mean() - q2.mean() + F.relu(q2 - q1).mean()


def entropy_added_to_both_critics(q1, q2, log_prob, alpha):
    entropy = -alpha.detach() * log_prob
    soft = torch.stack((q1 + entropy, q2 + entropy), dim=1)
    return -soft.min(dim=1).values.mean()


def selected_by_a_mask(q1, q2, log_prob, alpha):
    first_is_smaller = q1 < q2
    smaller = q1.masked_fill(~first_is_smaller, 0.0) + q2.masked_fill(first_is_smaller, 0.0)
    return (alpha.data * log_prob).sum() / len(q1) - smaller.sum() / len(q1)


def kullback_leibler_divergence(q1, q2, log_prob, alpha):
    # log π − log(exp(Q / α)), weighed with α
    log_unnormalised = torch.log(torch.exp(torch.minimum(q1, q2)))
    return (alpha.detach() * log_prob - log_unnormalised).mean()


def smallest_along_an_axis(q1, q2, log_prob, alpha):
    both = torch.stack((q1, q2))
    return torch.cat((alpha.detach() * log_prob, -both.amin(dim=0))).sum() / q1.numel()
