"""Question 6: entropy regularisation."""

import math

from common import entropy, log_policy, taken


def categorical_entropy(logits):
    return entropy(logits)


def gaussian_entropy(log_std):
    return (log_std + 0.5 * math.log(2 * math.pi * math.e)).sum(-1)


def entropy_coefficient(step, total_steps, start, end):
    progress = min(max(step / total_steps, 0.0), 1.0)
    return (1 - progress) * start + progress * end


def entropy_regularized_loss(logits, actions, advantages, beta):
    log_prob = taken(log_policy(logits), actions)
    return -(log_prob * advantages.detach() + beta * entropy(logits)).mean()
