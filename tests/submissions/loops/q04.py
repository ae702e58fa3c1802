"""Question 4: continuous control (DDPG, TD3, SAC, NAF) and learning off-policy."""

import math

import torch


class ReplayBuffer:
    """A list of transitions; once it is full, `oldest` is the one to be overwritten."""

    def __init__(self, capacity, obs_dim, action_dim):
        self.capacity = capacity
        self.transitions = []
        self.oldest = 0

    def add(self, obs, action, reward, next_obs, done):
        transition = []
        for part in (obs, action, reward, next_obs, done):
            transition.append(torch.as_tensor(part, dtype=torch.float32).detach().clone())
        if len(self.transitions) < self.capacity:
            self.transitions.append(transition)
        else:
            self.transitions[self.oldest] = transition
            self.oldest = (self.oldest + 1) % self.capacity

    def sample(self, batch_size, generator):
        if batch_size > len(self.transitions):
            raise ValueError(f"only {len(self.transitions)} transitions are stored, not {batch_size}")
        order = torch.randperm(len(self.transitions), generator=generator)
        columns = [[], [], [], [], []]
        for index in order[:batch_size].tolist():
            for column, part in zip(columns, self.transitions[index]):
                column.append(part)
        return tuple(torch.stack(column) for column in columns)

    def __len__(self):
        return len(self.transitions)


def clipped_value_loss(values, old_values, returns, clip_range):
    terms = []
    for V, V_old, R in zip(values, old_values.detach(), returns.detach()):
        V_clipped = V_old + torch.clamp(V - V_old, -clip_range, clip_range)
        terms.append(torch.maximum((V - R) ** 2, (V_clipped - R) ** 2))
    return 0.5 * torch.stack(terms).mean()


def ddpg_losses(q_values, rewards, next_q_values, dones, gamma, actor_q_values):
    critic_terms = []
    for q, r, next_q, done in zip(q_values, rewards, next_q_values.detach(), dones):
        y = r + gamma * (1 - done) * next_q
        critic_terms.append((q - y) ** 2)
    actor_terms = []
    for q in actor_q_values:
        actor_terms.append(-q)
    return torch.stack(critic_terms).mean(), torch.stack(actor_terms).mean()


def td3_target(rewards, dones, next_q1, next_q2, gamma):
    targets = []
    for i in range(len(rewards)):
        smaller = torch.minimum(next_q1[i], next_q2[i])
        targets.append(rewards[i] + gamma * (1 - dones[i]) * smaller)
    return torch.stack(targets).detach()


def sac_target(rewards, dones, next_q1, next_q2, next_log_prob, alpha, gamma):
    targets = []
    for i in range(len(rewards)):
        soft_value = torch.minimum(next_q1[i], next_q2[i]) - alpha * next_log_prob[i]
        targets.append(rewards[i] + gamma * (1 - dones[i]) * soft_value)
    return torch.stack(targets).detach()


def sac_actor_loss(q1, q2, log_prob, alpha):
    alpha = alpha.detach()  # has a loss of its own
    terms = []
    for first, second, logp in zip(q1, q2, log_prob):
        terms.append(alpha * logp - torch.minimum(first, second))
    return torch.stack(terms).mean()


def sac_temperature_loss(log_alpha, log_prob, target_entropy):
    alpha = torch.exp(log_alpha)
    terms = []
    for logp in log_prob.detach():
        terms.append(-alpha * (logp + target_entropy))
    return torch.stack(terms).mean()


def soft_update(target, online, tau):
    return (1 - tau) * target + tau * online


def _clip_to_bounds(action, low, high):
    # one action dimension after the other, each has its own bounds
    dimensions = []
    for d in range(action.shape[-1]):
        dimensions.append(torch.minimum(torch.maximum(action[..., d], low[d]), high[d]))
    return torch.stack(dimensions, dim=-1)


def exploration_action(mean_action, noise, sigma, low, high):
    return _clip_to_bounds(mean_action + sigma * noise, low, high)


def smoothed_target_action(mean_action, noise, sigma, noise_clip, low, high):
    clipped_noise = torch.clamp(sigma * noise, -noise_clip, noise_clip)
    return _clip_to_bounds(mean_action + clipped_noise, low, high)


def gaussian_log_prob(actions, mean, log_std):
    log_densities = []
    for d in range(actions.shape[-1]):
        z = (actions[..., d] - mean[..., d]) / torch.exp(log_std[..., d])
        log_densities.append(-0.5 * z**2 - log_std[..., d] - 0.5 * math.log(2 * math.pi))
    return torch.stack(log_densities).sum(dim=0)


def tanh_gaussian_log_prob(pre_tanh, mean, log_std):
    log_slopes = []
    for d in range(pre_tanh.shape[-1]):
        u = pre_tanh[..., d]
        # 1 - tanh(u)^2 = 4 sigmoid(2u) sigmoid(-2u), where nothing cancels
        log_slope = torch.nn.functional.logsigmoid(2 * u) + torch.nn.functional.logsigmoid(-2 * u)
        log_slopes.append(2 * math.log(2) + log_slope)
    return gaussian_log_prob(pre_tanh, mean, log_std) - torch.stack(log_slopes).sum(dim=0)


def importance_sampling_estimate(target_log_prob, behavior_log_prob, returns, weighted):
    N, T = target_log_prob.shape
    log_ratios = []
    for n in range(N):
        log_rho = torch.zeros_like(returns[n])
        for t in range(T):
            log_rho = log_rho + (target_log_prob[n, t] - behavior_log_prob[n, t])
        log_ratios.append(log_rho)
    log_ratios = torch.stack(log_ratios)
    if weighted:
        # the largest ratio is taken out before exp, it cancels anyway
        rho = torch.exp(log_ratios - log_ratios.max())
        return torch.einsum("n,n->", rho, returns) / rho.sum()
    return torch.einsum("n,n->", torch.exp(log_ratios), returns) / N


def naf_q_value(value, mean, entries, actions):
    D = mean.shape[-1]
    rows = []
    for i in range(D):
        row = []
        for j in range(D):
            if i > j:
                row.append(entries[:, i, j])
            elif i == j:
                row.append(torch.exp(entries[:, i, i]))
            else:
                row.append(torch.zeros_like(value))
        rows.append(torch.stack(row, dim=-1))
    L = torch.stack(rows, dim=-2)
    P = torch.einsum("nik,njk->nij", L, L)
    difference = actions - mean
    return value - 0.5 * torch.einsum("ni,nij,nj->n", difference, P, difference)
