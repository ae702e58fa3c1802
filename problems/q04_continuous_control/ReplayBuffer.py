"""Off-policy methods such as DDPG, TD3 and SAC learn from transitions that older policies have made. They are kept in a
*replay buffer*, from which each gradient step draws a batch at random: that uses every transition many times, and
breaks up the correlation of steps that follow each other.

Write a class. `ReplayBuffer(capacity, obs_dim, action_dim)` makes an empty buffer that keeps the latest `capacity`
transitions: first in, first out. Observations have `obs_dim` numbers, actions `action_dim`.

- `add(obs, action, reward, next_obs, done)` puts one transition in; where the buffer is full it replaces the oldest
  one. `obs` and `next_obs` (obs_dim,) and `action` (action_dim,) are 1-D tensors or NumPy arrays of any floating
  dtype; `reward` and `done` (1 or True where the episode terminated) are numbers. `add` *copies* what it is given: the
  caller may write into its arrays afterwards, as environments do.
- `sample(batch_size, generator)` draws that many different transitions, each set of them as likely as any other, and
  gives a tuple (obs (n, obs_dim), actions (n, action_dim), rewards (n,), next_obs (n, obs_dim), dones (n,)) of float32
  tensors; row i of all five is the same transition, and their order does not matter. All randomness comes from
  `generator`, a torch.Generator on the CPU: the same seed gives the same batch. A batch larger than what the buffer
  holds raises a ValueError.
- `len(buffer)` is the number of transitions that it holds.

Everything is on the CPU.
"""
# ruff: noqa: ARG002 -- a wrong answer takes what the statement says, whether it needs all of it or not

import torch

from grader.checks import AgainstModel, DrawnSets, Reproducible, UniformChoice
from grader.model.generators import Generator
from grader.model.methods import ClassSignature, Count, Method
from grader.model.problem import Problem
from grader.model.signature import Number, Tensor
from reference.replay import ReplayBuffer


class OverwritesTheNewest(ReplayBuffer):
    """You put a transition into the last slot once the buffer is full, so that it replaces the newest one. The buffer
    keeps the *latest* transitions: go round in a circle, and overwrite the oldest one. A write position that counts on,
    modulo the capacity, does that.
    """

    def add(self, obs, action, reward, next_obs, done):
        added = self._added
        self._added = min(added, self._capacity - 1)
        super().add(obs, action, reward, next_obs, done)
        self._added = added + 1


class RefusesWhenFull(ReplayBuffer):
    """You ignore transitions once the buffer is full, so the agent keeps learning from its very first steps. A full
    buffer makes room: the new transition takes the place of the oldest one.
    """

    def add(self, obs, action, reward, next_obs, done):
        if len(self) < self._capacity:
            super().add(obs, action, reward, next_obs, done)


class EmptiesItselfWhenFull(ReplayBuffer):
    """You start over with an empty buffer once it is full. Only the single oldest transition is to go, the others are
    still good to learn from: `len` stays at the capacity from then on.
    """

    def add(self, obs, action, reward, next_obs, done):
        if len(self) == self._capacity:
            self._added = 0
        super().add(obs, action, reward, next_obs, done)


class SamplesUnfilledSlots(ReplayBuffer):
    """You draw from all `capacity` slots, also from those into which nothing has been put yet. The agent then learns
    from rows of zeros that never happened: draw indices below the number of transitions that are held.
    """

    def sample(self, batch_size, generator):
        if batch_size > len(self):
            raise ValueError
        rows = torch.randperm(self._capacity, generator=generator)[:batch_size]
        return self._obs[rows], self._actions[rows], self._rewards[rows], self._next_obs[rows], self._dones[rows]


class AliasesTheCallersArrays:
    """Your buffer keeps the very arrays that it was given, and not copies. The caller writes its next observation into
    the same memory, and what you have stored changes with it. Copy: `torch.as_tensor(obs).clone()`, or write into a
    tensor of your own.
    """

    def __init__(self, capacity, obs_dim, action_dim):
        self._capacity = capacity
        self._rows = []

    def add(self, obs, action, reward, next_obs, done):
        kept = (torch.as_tensor(obs), torch.as_tensor(action), reward, torch.as_tensor(next_obs), done)
        self._rows = [*self._rows, kept][-self._capacity :]

    def sample(self, batch_size, generator):
        if batch_size > len(self):
            raise ValueError
        rows = [self._rows[i] for i in torch.randperm(len(self), generator=generator)[:batch_size].tolist()]
        obs, actions, rewards, next_obs, dones = zip(*rows, strict=True)
        stacked = [torch.stack(part).float() for part in (obs, actions, next_obs)]
        return stacked[0], stacked[1], torch.tensor(rewards).float(), stacked[2], torch.tensor(dones).float()

    def __len__(self):
        return len(self._rows)


class WithReplacement(ReplayBuffer):
    """You draw every row of a batch anew, so one transition may occur twice in it. A batch is drawn *without*
    replacement: take the first `batch_size` entries of a random permutation, `torch.randperm(n, generator=generator)`.
    """

    def sample(self, batch_size, generator):
        if batch_size > len(self):
            raise ValueError
        rows = torch.randint(len(self), (batch_size,), generator=generator)
        return self._obs[rows], self._actions[rows], self._rewards[rows], self._next_obs[rows], self._dones[rows]


class ShufflesEachPartByItself(ReplayBuffer):
    """You draw new indices for each of the five parts, so that row i mixes the observation of one transition with the
    reward of another. Draw the indices once, and use the same ones for all parts.
    """

    def sample(self, batch_size, generator):
        parts = [super(ShufflesEachPartByItself, self).sample(batch_size, generator) for _ in range(5)]
        return tuple(batch[part] for part, batch in enumerate(parts))


class GivesASmallerBatch(ReplayBuffer):
    """Your `sample` gives what there is where a larger batch is asked for. Code that expects n rows would go on with
    fewer and never notice: raise a ValueError.
    """

    def sample(self, batch_size, generator):
        return super().sample(min(batch_size, len(self)), generator)


class IgnoresTheGenerator(ReplayBuffer):
    """Your `sample` draws from the global random state and not from `generator`. Then a run can't be repeated, and
    other code that draws numbers changes what is learned: hand it on, `torch.randperm(n, generator=generator)`.
    """

    def sample(self, batch_size, generator):
        return super().sample(batch_size, torch.default_generator)


class DrawsABlock(ReplayBuffer):
    """You draw a random start and give the transitions that follow it. Each transition then is as likely as any other,
    but they come together with their neighbours, and breaking up that correlation is what the buffer is for. Every
    *set* of transitions has to be equally likely: take entries of a random permutation.
    """

    def sample(self, batch_size, generator):
        if batch_size > len(self):
            raise ValueError
        start = int(torch.randint(len(self), (), generator=generator))
        rows = (start + torch.arange(batch_size)) % len(self)
        return self._obs[rows], self._actions[rows], self._rewards[rows], self._next_obs[rows], self._dones[rows]


SIGNATURE = ClassSignature(
    {
        "capacity": Number("transitions that are kept at most", (2, 3, 5), 2),
        "obs_dim": Number("size of an observation", (1, 2, 3), 1),
        "action_dim": Number("size of an action", (1, 2), 1),
    },
    returns="",
    instance="buffer",
    methods={
        "add": Method(
            "puts one transition in, a copy of it; a full buffer loses its oldest one",
            {
                "obs": Tensor("obs_dim", "observation before the step"),
                "action": Tensor("action_dim", "action that was taken"),
                "reward": Number("reward of the step", (1.0, -0.5, 2.0, 0.25), 1.0),
                "next_obs": Tensor("obs_dim", "observation after the step"),
                "done": Number("1 or True where the episode terminated", (0.0, 1.0, True, False), 0.0),
            },
            weight=5,
        ),
        "sample": Method(
            "draws different transitions, each set as likely as any other",
            {
                "batch_size": Count("n, number of transitions", "capacity"),
                "generator": Generator("where all randomness comes from"),
            },
            weight=2,
            rows="batch_size",
        ),
        "__len__": Method("number of transitions that it holds"),
    },
)

FIVE_OF_EIGHT = DrawnSets(
    SIGNATURE, {"capacity": 5, "obs_dim": 1, "action_dim": 1}, add="add", added=8, held=5, drawn=2
)

PROBLEM = Problem(
    title="Replay buffer",
    source="Assignment question 4; Lin 1992; Mnih et al. 2015, algorithm 1",
    statement=__doc__,
    formula=r"P(\text{batch} = B) = \binom{m}{n}^{-1} \quad \text{for every set } B \text{ of } n "
    r"\text{ of the latest } m = \min(t, \text{capacity}) \text{ transitions}",
    signature=SIGNATURE,
    reference=ReplayBuffer,
    checks=(
        AgainstModel(
            "filling", 3, "gives back what was added, as long as there is room for it", {"capacity": (24, 32)}
        ),
        AgainstModel(
            "first_in_first_out",
            2,
            "keeps the latest transitions once it is full",
            sessions=20,  # fewer may all miss the call that comes when it has just become full
            longest=20,
            requires="filling",
        ),
        AgainstModel(
            "copies",
            1,
            "copies what it is given",
            {"capacity": (24, 32)},
            longest=8,
            overwritten=True,
            requires="filling",
        ),
        AgainstModel(
            "too_large",
            1,
            "raises a ValueError for a batch larger than its content",
            {"capacity": (7, 8)},
            longest=6,
            refused=True,
            requires="filling",
        ),
        Reproducible(1, FIVE_OF_EIGHT, requires="filling"),
        UniformChoice(
            "uniform", 2, "every set of transitions is equally likely", FIVE_OF_EIGHT, requires="first_in_first_out"
        ),
    ),
    misconceptions=(
        OverwritesTheNewest,
        RefusesWhenFull,
        EmptiesItselfWhenFull,
        SamplesUnfilledSlots,
        AliasesTheCallersArrays,
        WithReplacement,
        ShufflesEachPartByItself,
        GivesASmallerBatch,
        IgnoresTheGenerator,
        DrawsABlock,
    ),
)
