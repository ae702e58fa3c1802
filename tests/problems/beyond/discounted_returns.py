"""Right answers to `discounted_returns`: convolution and matrix inverse are beyond a proof, but not to be refuted."""

import torch


def inverse_of_a_matrix(rewards, dones, gamma):
    T = len(rewards)
    flat, ends = rewards.reshape(T, -1), dones.reshape(T, -1)
    identity = torch.eye(T, dtype=rewards.dtype)
    inverses = [torch.linalg.inv(identity - gamma * torch.diag(1 - end[:-1], 1)) for end in ends.unbind(1)]
    return torch.einsum("btu,ub->tb", torch.stack(inverses), flat).reshape(rewards.shape)


def convolution_with_the_powers(rewards, dones, gamma):
    T = len(rewards)
    flat, episode = rewards.reshape(T, -1), (dones.cumsum(0) - dones).reshape(T, -1)
    kernel = (gamma ** torch.arange(T, dtype=rewards.dtype)).reshape(1, 1, T)
    columns = torch.zeros_like(flat)
    for e in range(int(episode.max()) + 1):
        inside = (episode == e).to(rewards.dtype)
        padded = torch.cat((flat * inside, torch.zeros_like(flat[1:])))
        columns = columns + inside * torch.conv1d(padded.T.unsqueeze(1), kernel).squeeze(1).T
    return columns.reshape(rewards.shape)
