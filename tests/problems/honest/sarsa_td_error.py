"""Right answers to `sarsa_td_error`, written in the ways that students write them."""

import torch
import torch.nn.functional as F


def gathered(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    q = q_values.gather(1, actions.unsqueeze(1)).squeeze(1)
    with torch.no_grad():
        q_next = next_q_values.gather(1, next_actions.unsqueeze(1)).squeeze(1)
        target = rewards + gamma * (1 - dones) * q_next
    return target - q


def fancy_indexing(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    n = torch.arange(q_values.size(0), device=q_values.device)
    not_done = 1.0 - dones
    return rewards + gamma * not_done * next_q_values.detach()[n, next_actions] - q_values[n, actions]


def one_hot_products(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    A = q_values.shape[1]
    taken = F.one_hot(actions, A).to(q_values.dtype)
    taken_next = F.one_hot(next_actions, A).to(q_values.dtype)
    q = (q_values * taken).sum(-1)
    q_next = (next_q_values * taken_next).sum(-1).detach()
    return rewards + gamma * q_next * (1 - dones) - q


def loop_over_the_samples(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    deltas = []
    for i in range(len(rewards)):
        target = rewards[i]
        if not dones[i]:
            target = target + gamma * next_q_values[i, next_actions[i]].detach()
        deltas.append(target - q_values[i, actions[i]])
    return torch.stack(deltas)


def taken_along_the_axis(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    current = torch.take_along_dim(q_values, actions[:, None], dim=1).flatten()
    following = torch.take_along_dim(next_q_values, next_actions[:, None], dim=1).flatten()
    bootstrap = torch.where(dones.bool(), torch.zeros_like(following), gamma * following)
    return (rewards + bootstrap).detach() - current


def target_in_numpy(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    r, q_next, a_next, d = (x.detach().cpu().numpy() for x in (rewards, next_q_values, next_actions, dones))
    target = r + gamma * (1 - d) * q_next[range(len(r)), a_next]
    return torch.from_numpy(target).to(q_values) - q_values[range(len(r)), actions]


def flat_indices(rewards, q_values, actions, next_q_values, next_actions, dones, gamma):
    N, A = q_values.shape
    offset = A * torch.arange(N, device=actions.device)
    q = q_values.reshape(-1).index_select(0, offset + actions)
    q_next = next_q_values.reshape(-1).index_select(0, offset + next_actions).data
    return torch.addcmul(rewards, q_next, 1 - dones, value=gamma) - q
