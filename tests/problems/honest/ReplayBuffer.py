"""Right answers to `ReplayBuffer`, written in the ways that students write them."""

import random
from collections import deque
from typing import NamedTuple

import numpy as np
import torch


class _TooFewError(ValueError):
    """A batch is larger than the content."""


class DequeOfTuples:
    def __init__(self, capacity, obs_dim, action_dim):
        self.memory = deque(maxlen=capacity)

    def add(self, obs, action, reward, next_obs, done):
        copied = [torch.as_tensor(x).float().clone() for x in (obs, action, next_obs)]
        self.memory.append((copied[0], copied[1], float(reward), copied[2], float(done)))

    def sample(self, batch_size, generator):
        if batch_size > len(self.memory):
            raise _TooFewError("not enough transitions")
        indices = torch.randperm(len(self.memory), generator=generator)[:batch_size]
        batch = [self.memory[i] for i in indices]
        obs, actions, rewards, next_obs, dones = zip(*batch)
        return torch.stack(obs), torch.stack(actions), torch.tensor(rewards), torch.stack(next_obs), torch.tensor(dones)

    def __len__(self):
        return len(self.memory)


class NumpyArrays:
    def __init__(self, capacity, obs_dim, action_dim):
        self.capacity = capacity
        self.obs = np.zeros((capacity, obs_dim), dtype=np.float32)
        self.actions = np.zeros((capacity, action_dim), dtype=np.float32)
        self.rewards = np.zeros(capacity, dtype=np.float32)
        self.next_obs = np.zeros((capacity, obs_dim), dtype=np.float32)
        self.dones = np.zeros(capacity, dtype=np.float32)
        self.position = 0
        self.size = 0

    def add(self, obs, action, reward, next_obs, done):
        self.obs[self.position] = np.asarray(obs)
        self.actions[self.position] = np.asarray(action)
        self.rewards[self.position] = reward
        self.next_obs[self.position] = np.asarray(next_obs)
        self.dones[self.position] = done
        self.position = (self.position + 1) % self.capacity
        self.size = min(self.size + 1, self.capacity)

    def sample(self, batch_size, generator):
        seed = int(torch.randint(2**31, (1,), generator=generator))
        rows = np.random.default_rng(seed).choice(self.size, batch_size, replace=False)  # raises ValueError itself
        arrays = (self.obs, self.actions, self.rewards, self.next_obs, self.dones)
        return tuple(torch.from_numpy(array[rows]) for array in arrays)

    def __len__(self):
        return self.size


class _Transition(NamedTuple):
    obs: torch.Tensor
    action: torch.Tensor
    reward: torch.Tensor
    next_obs: torch.Tensor
    done: torch.Tensor


class ListOfNamedTuples:
    def __init__(self, capacity, obs_dim, action_dim):
        self.capacity = capacity
        self.transitions = []

    def add(self, obs, action, reward, next_obs, done):
        if len(self.transitions) >= self.capacity:
            self.transitions.pop(0)
        parts = (obs, action, reward, next_obs, done)
        self.transitions.append(_Transition(*(torch.as_tensor(part).detach().clone().float() for part in parts)))

    def sample(self, batch_size, generator):
        if not 0 < batch_size <= len(self):
            raise ValueError(f"cannot draw {batch_size} of {len(self)}")
        weights = torch.ones(len(self))
        chosen = torch.multinomial(weights, batch_size, replacement=False, generator=generator).tolist()
        return tuple(torch.stack(part) for part in zip(*(self.transitions[i] for i in chosen)))

    def __len__(self):
        return len(self.transitions)


class DictionaryOfTensors:
    def __init__(self, capacity, obs_dim, action_dim):
        shapes = {"obs": (obs_dim,), "actions": (action_dim,), "rewards": (), "next_obs": (obs_dim,), "dones": ()}
        self.storage = {name: torch.empty((capacity, *shape), dtype=torch.float32) for name, shape in shapes.items()}
        self.capacity = capacity
        self.count = 0

    def add(self, obs, action, reward, next_obs, done):
        row = self.count % self.capacity
        for tensor, value in zip(self.storage.values(), (obs, action, reward, next_obs, done)):
            tensor[row] = torch.as_tensor(value)
        self.count += 1

    def sample(self, batch_size, generator):
        held = len(self)
        if held < batch_size:
            raise ValueError
        keys = torch.rand(held, generator=generator)
        return [tensor[:held][keys.argsort()[:batch_size]] for tensor in self.storage.values()]

    def __len__(self):
        return self.count if self.count < self.capacity else self.capacity


class RowsOfOneMatrix:
    def __init__(self, capacity, obs_dim, action_dim):
        self.widths = [obs_dim, action_dim, 1, obs_dim, 1]
        self.capacity = capacity
        self.rows = torch.zeros(0, sum(self.widths))

    def add(self, obs, action, reward, next_obs, done):
        parts = [torch.as_tensor(x, dtype=torch.float32).reshape(-1) for x in (obs, action, reward, next_obs, done)]
        self.rows = torch.cat([self.rows, torch.cat(parts)[None]])[-self.capacity :]

    def sample(self, batch_size, generator):
        if batch_size > self.rows.shape[0]:
            raise ValueError("the batch is larger than the buffer")
        chosen = self.rows[torch.randperm(len(self.rows), generator=generator)[:batch_size]]
        obs, actions, rewards, next_obs, dones = chosen.split(self.widths, dim=1)
        return obs, actions, rewards.squeeze(1), next_obs, dones.squeeze(1)

    def __len__(self):
        return self.rows.shape[0]


class PythonRandomSeededFromTheGenerator:
    def __init__(self, capacity, obs_dim, action_dim):
        self.buffer, self.capacity, self.oldest = [], capacity, 0

    def add(self, obs, action, reward, next_obs, done):
        item = [np.asarray(obs).copy(), np.asarray(action).copy(), reward, np.asarray(next_obs).copy(), done]
        if len(self.buffer) < self.capacity:
            self.buffer.append(item)
        else:
            self.buffer[self.oldest] = item
            self.oldest = (self.oldest + 1) % self.capacity

    def sample(self, batch_size, generator):
        rng = random.Random(torch.randint(1 << 62, (), generator=generator).item())
        batch = rng.sample(self.buffer, batch_size)  # raises ValueError itself
        return tuple(torch.tensor(np.array(column), dtype=torch.float32) for column in zip(*batch))

    def __len__(self):
        return len(self.buffer)
