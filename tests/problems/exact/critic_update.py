"""Ways to write `critic_update` that are right as mathematics; some lose digits."""

import torch


def linear_equations_of_td(weights, features, rewards, next_features, dones, gamma, lr):
    # w + α (b − A w), with A = mean x (x − γ x')ᵀ and b = mean r x
    n = len(rewards)
    followed = gamma * (1 - dones)[:, None] * next_features
    a = features.T @ (features - followed) / n
    return weights + lr * ((features * rewards[:, None]).mean(0) - a @ weights)


def outer_products(weights, features, rewards, next_features, dones, gamma, lr):
    delta = rewards + gamma * (1 - dones) * next_features.mv(weights) - features.mv(weights)
    return torch.addmv(weights, features.t(), delta, alpha=lr / len(delta))


def features_of_finished_steps_cleared(weights, features, rewards, next_features, dones, gamma, lr):
    cleared = next_features.masked_fill(dones.bool()[:, None], 0.0)
    delta = rewards + (gamma * cleared - features) @ weights
    return weights + lr * torch.einsum("n,nf->f", delta, features) / delta.numel()


def two_parts_of_the_step(weights, features, rewards, next_features, dones, gamma, lr):
    target = rewards + gamma * (1 - dones) * (next_features * weights).sum(1)
    pulled = (target[:, None] * features).mean(0)
    pushed = ((features @ weights)[:, None] * features).mean(0)
    return weights + lr * pulled - lr * pushed


def one_parameter_at_a_time(weights, features, rewards, next_features, dones, gamma, lr):
    delta = torch.where(dones == 1, rewards, rewards + gamma * next_features @ weights) - features @ weights
    return torch.stack([w + lr * (delta * features[:, f]).mean() for f, w in enumerate(weights)])


def derivative_of_the_squared_error(weights, features, rewards, next_features, dones, gamma, lr):
    def loss(w):
        target = rewards + gamma * (1 - dones) * (next_features @ weights)
        return ((target - features @ w) ** 2).mean() / 2

    return weights - lr * torch.func.grad(loss)(weights)


def in_place_in_a_copy(weights, features, rewards, next_features, dones, gamma, lr):
    new = weights.clone()
    for n in range(len(rewards)):
        delta = rewards[n] + gamma * (1 - dones[n]) * (next_features[n] @ weights) - features[n] @ weights
        new += lr / len(rewards) * delta * features[n]
    return new
