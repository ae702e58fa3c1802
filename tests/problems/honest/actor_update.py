"""Right answers to `actor_update`, written in the ways that students write them."""

import torch
import torch.nn.functional as F
from torch.distributions import Categorical


def closed_form(theta, features, actions, td_errors, lr):
    pi = torch.softmax(features @ theta, dim=1)
    one_hot = F.one_hot(actions, theta.shape[1]).to(theta.dtype)
    return theta + lr * features.T @ ((one_hot - pi) * td_errors[:, None]) / len(actions)


def autograd_of_the_log_probability(theta, features, actions, td_errors, lr):
    parameters = theta.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        log_pi = torch.log_softmax(features @ parameters, dim=-1)
        objective = (log_pi.gather(1, actions[:, None]).squeeze(1) * td_errors.detach()).mean()
    (gradient,) = torch.autograd.grad(objective, parameters)
    return theta + lr * gradient


def optimiser_descends_the_negative(theta, features, actions, td_errors, lr):
    weight = torch.nn.Parameter(theta.detach().clone())
    optimiser = torch.optim.SGD([weight], lr=lr)
    loss = -(Categorical(logits=features @ weight).log_prob(actions) * td_errors).mean()
    loss.backward()
    optimiser.step()
    return weight.detach()


def cross_entropy(theta, features, actions, td_errors, lr):
    theta_ = theta.detach().requires_grad_()
    loss = (F.cross_entropy(features @ theta_, actions, reduction="none") * td_errors).sum() / len(actions)
    return theta - lr * torch.autograd.grad(loss, theta_)[0]


def loop_over_samples_and_actions(theta, features, actions, td_errors, lr):
    step = torch.zeros_like(theta)
    for x, a, delta in zip(features, actions, td_errors, strict=True):
        probs = torch.softmax(x @ theta, dim=0)
        for b in range(theta.shape[1]):
            indicator = 1.0 if b == int(a) else 0.0
            step[:, b] += delta * x * (indicator - probs[b])
    return theta + lr * step / features.shape[0]


def numpy_arrays(theta, features, actions, td_errors, lr):
    t, x, a, delta = (each.detach().cpu().numpy() for each in (theta, features, actions, td_errors))
    z = x @ t
    z = z - z.max(axis=1, keepdims=True)
    score = -torch.softmax(torch.from_numpy(z), dim=1).numpy()
    score[range(len(a)), a] += 1
    return torch.from_numpy(t + lr * x.T @ (score * delta[:, None]) / len(a)).to(theta)


def functional_gradient(theta, features, actions, td_errors, lr):
    def objective(parameters):
        log_pi = F.log_softmax(torch.einsum("nf,fa->na", features, parameters), dim=-1)
        return torch.mean(td_errors * log_pi[torch.arange(len(actions)), actions])

    return theta + lr * torch.func.grad(objective)(theta)
