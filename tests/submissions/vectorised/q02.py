"""Question 2: actor-critic methods."""

from common import bootstrapped, discounted_sum, log_policy, one_hot, taken


def td_error(rewards, values, next_values, dones, gamma):
    return bootstrapped(rewards, next_values, dones, gamma) - values


def sarsa_td_error(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    next_q = taken(next_q_values, next_actions)
    return td_error(rewards, taken(q_values, actions), next_q, dones, gamma)


def critic_update(weights, features, rewards, next_features, dones, gamma, lr):
    delta = td_error(rewards, features @ weights, next_features @ weights, dones, gamma)
    return weights + lr * (delta @ features) / len(delta)


def actor_update(theta, features, actions, td_errors, lr):
    score = one_hot(actions, theta.shape[1], theta.dtype) - (features @ theta).softmax(-1)
    return theta + lr * features.T @ (td_errors[:, None] * score) / len(td_errors)


def actor_critic_losses(logits, actions, rewards, values, next_values, dones, gamma):
    delta = td_error(rewards, values, next_values, dones, gamma)
    actor_loss = -(taken(log_policy(logits), actions) * delta.detach()).mean()
    critic_loss = 0.5 * delta.square().mean()
    return actor_loss, critic_loss


def generalized_advantage_estimate(rewards, values, next_values, dones, gamma, lam):
    deltas = td_error(rewards, values, next_values, dones, gamma)
    return discounted_sum(deltas, dones, gamma * lam)
