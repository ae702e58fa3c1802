"""Ways to write `actor_update` that are right as mathematics; some overflow for large logits."""

import torch
import torch.nn.functional as F


def exponentials_by_hand(theta, features, actions, td_errors, lr):
    e = (features @ theta).exp()
    scores = F.one_hot(actions, theta.shape[1]) - e / e.sum(1, keepdim=True)
    return theta + lr * (features[:, :, None] * scores[:, None, :] * td_errors[:, None, None]).mean(0)


def taken_column_and_mean_column(theta, features, actions, td_errors, lr):
    pi = torch.softmax(features @ theta, -1)
    weighted = features * td_errors[:, None]
    step = torch.zeros_like(theta)
    step.index_add_(1, actions, weighted.T)
    return theta + lr * (step - weighted.T @ pi) / len(actions)


def einsum_of_everything(theta, features, actions, td_errors, lr):
    pi = torch.softmax(torch.einsum("nf,fa->na", features, theta), dim=1)
    taken = torch.eye(theta.shape[1], dtype=theta.dtype)[actions]
    return theta + torch.einsum("n,nf,na->fa", td_errors, features, taken - pi) * (lr / len(actions))


def probabilities_relative_to_the_taken_action(theta, features, actions, td_errors, lr):
    z = features @ theta
    relative = torch.exp(z - z.gather(1, actions[:, None]))
    pi = relative / relative.sum(1, keepdim=True)
    scores = torch.where(torch.arange(z.shape[1]) == actions[:, None], 1 - pi, -pi)
    return theta + lr * features.T @ (scores * td_errors[:, None]) / len(actions)


def logarithm_of_a_softmax_differentiated(theta, features, actions, td_errors, lr):
    inner = theta.detach().requires_grad_()
    pi = torch.softmax(features @ inner, 1)[range(len(actions)), actions]
    (gradient,) = torch.autograd.grad((pi.log() * td_errors).mean(), inner)
    return theta + lr * gradient


def gradient_of_pi_over_pi(theta, features, actions, td_errors, lr):
    new = theta.clone()
    for x, a, delta in zip(features, actions, td_errors, strict=True):
        pi = torch.softmax(x @ theta, 0)
        gradient = x[:, None] * (F.one_hot(a, theta.shape[1]) * pi[a] - pi[a] * pi)
        new = new + lr / len(actions) * delta * gradient / pi[a]
    return new


def logits_differentiated_by_hand(theta, features, actions, td_errors, lr):
    logits = (features @ theta).detach().requires_grad_()
    objective = (F.log_softmax(logits, -1).gather(1, actions[:, None])[:, 0] * td_errors).sum()
    (by_logits,) = torch.autograd.grad(objective, logits)
    return torch.addmm(theta, features.T, by_logits, alpha=lr / len(actions))
