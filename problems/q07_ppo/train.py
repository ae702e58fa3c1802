"""All the pieces together: an agent that learns. Write `train(make_env, total_steps, seed)`, which trains a policy by a
policy-gradient method of your choice (REINFORCE with a baseline, A2C, PPO) and returns it.

- `make_env()` makes a new [Gymnasium](https://gymnasium.farama.org) environment. Its observations are 1-D NumPy arrays
  (`env.observation_space.shape[0]` numbers), its actions the numbers from 0 to `env.action_space.n - 1`.
- `total_steps` is a hard limit on the calls of `step`, of all environments that you make together. The environments
  count: one step more raises an exception. Resets cost nothing.
- `seed` is where your random numbers are to come from, so that a run can be repeated.
- The policy that you return is a function: `policy(obs)` takes one observation, a NumPy array, and gives the number of
  an action, as a Python int or a tensor with one element. It may draw at random, or take the likeliest action. It is
  asked about single observations of many episodes in turn, so it can't rely on their order.

Your agent is trained twice, by the same function: in a small corridor with two doors (observations of 6 numbers, 2
actions, rewards of 0.2 behind the near door and 1 behind the far one, at most 12 steps; 4,000 steps to train with), and
in CartPole-v1 (50,000 steps to train with). In the corridor an episode is paid once, at its end. So if you normalise
returns, do it over many episodes: within a single one they come out alike, whether it was a good or a bad one.

Then the grader plays episodes with your agent, in environments of its own. On average an episode has to earn **0.8 in
the corridor** (the best policy earns 0.99, one that acts at random 0.46) and **195 in CartPole-v1** (500 is the most,
acting at random earns 22). Learning is left to chance as well, so up to three agents are trained, each from another
seed: two of them have to earn enough in the corridor, one in CartPole-v1. An agent that has taken no step has learned
nothing, whatever it earns. A training may take 60 s of computing time on one thread, unless the assignment says
otherwise.

The environments are in disguise: the numbers of an observation stand in another order, some with the other sign, and
the actions are numbered anew, differently each time; in the corridor they are exchanged in every other cell, so that
neither is always the better one. What can be learned is the same as before, but a rule that was written down for
CartPole does not work.
"""

import torch

from grader.checks.behaviour import (
    acts_at_random,
    always_the_same_action,
    never_improved,
    took_no_steps,
    worse_than_chance,
)
from grader.checks.evaluation import Course
from grader.checks.training import Trains
from grader.environments import corridor
from grader.model.problem import Problem
from grader.model.trainings import TrainingSignature
from reference.training import train


def constant_action(make_env, total_steps, seed):
    """Your policy takes one and the same action whatever it observes. Is the observation fed into the network, and not
    replaced by a constant? A network that was never trained often prefers one action everywhere; so does one whose
    logits have run away (too large a learning rate, no entropy bonus, advantages that are not normalised).
    """
    return lambda _obs: 0


def random_policy(make_env, total_steps, seed):
    """Your policy draws all actions with the same probability, whatever it observes: nothing that was learned reaches
    it. Return the policy that you trained, closed over its network, and feed the observation into that.
    """
    return lambda _obs: int(torch.randint(2, ()))


def untrained_network(make_env, total_steps, seed):
    """Your `train` returns a network that has never seen the environment: not a single step was taken. Collect steps
    with `make_env()`, compute the loss from them, and update the network until `total_steps` are used up.
    """
    generator = torch.Generator().manual_seed(seed)
    weights = torch.randn(make_env().observation_space.shape[0], 2, generator=generator)
    return lambda obs: int(torch.distributions.Categorical(logits=torch.as_tensor(obs) @ weights).sample())


def descends(make_env, total_steps, seed):
    """Your agent earns less than one that acts at random: it has learned to avoid reward. PyTorch's optimizers
    *minimise*, so the loss is the negative of the objective, −log π(a|s) · Â. Look for a missing or doubled minus, and
    for advantages with the wrong sign (V − R in place of R − V). If all signs are right: returns that are normalised
    within a single episode come out alike, whether it was a good or a bad one.
    """
    return _reinforce(make_env, total_steps, seed, direction=-1.0)


def never_updates(make_env, total_steps, seed):
    """Your agent collects steps, but the last episodes of its training earn no more than the first ones: what it sees
    never changes the policy. Is `optimizer.step()` called, with the parameters of the network that acts? Does the
    gradient reach them, or is log π computed under `torch.no_grad()`, detached, or rebuilt with `torch.tensor(...)`? If
    all that is in order, look at the advantages: returns that are normalised within a single episode come out alike,
    whether it was a good or a bad one.
    """
    return _reinforce(make_env, total_steps, seed, direction=0.0)


def _reinforce(make_env, total_steps, seed, direction):
    """REINFORCE with a linear policy and the mean return as its baseline; 1 ascends the objective."""
    torch.manual_seed(seed)
    env = make_env()
    weights = torch.zeros(env.observation_space.shape[0] + 1, int(env.action_space.n), requires_grad=True)
    weights.data.normal_(std=0.5)
    optimizer = torch.optim.Adam([weights], lr=0.05)

    def logits(obs):
        return torch.cat((torch.as_tensor(obs), torch.ones(1))) @ weights

    log_probs, returns = [], []
    obs, _ = env.reset(seed=seed)
    log_prob, earned = 0.0, 0.0
    for _ in range(total_steps):
        policy = torch.distributions.Categorical(logits=logits(obs))
        action = policy.sample()
        obs, reward, terminated, truncated, _ = env.step(int(action))
        log_prob, earned = log_prob + policy.log_prob(action), earned + reward
        if terminated or truncated:
            log_probs, returns = [*log_probs, log_prob], [*returns, earned]
            log_prob, earned = 0.0, 0.0
            obs, _ = env.reset()
        if len(returns) == 16:
            advantages = torch.tensor(returns) - sum(returns) / len(returns)
            optimizer.zero_grad()
            (-direction * torch.stack(log_probs) * advantages).mean().backward()
            optimizer.step()
            log_probs, returns = [], []
    return lambda obs: int(torch.distributions.Categorical(logits=logits(obs)).sample())


SIGNS = (
    ("constant_action", always_the_same_action),
    ("random_policy", acts_at_random),
    ("untrained_network", took_no_steps),
    ("descends", worse_than_chance),
    ("never_updates", never_improved),
)

CORRIDOR = Course(corridor.ID, total_steps=4_000, target=0.8, floor=0.65, lowest=0.0, highest=1.0, chance=0.46)
CARTPOLE = Course("CartPole-v1", total_steps=50_000, target=195, floor=120, lowest=0, highest=500, chance=22)

PROBLEM = Problem(
    title="Training an agent",
    source="Assignment question 7; Williams 1992; Mnih et al. 2016; Schulman et al. 2017, algorithm 1",
    statement=__doc__,
    formula=r"\mathbb{E}_{\pi}\Big[\sum_t r_t\Big] \ge \text{target}",
    signature=TrainingSignature(),
    reference=train,
    checks=(
        Trains("corridor", 6, CORRIDOR, SIGNS, successes=2),
        Trains("cartpole", 6, CARTPOLE, SIGNS, requires="corridor"),
    ),
    misconceptions=(constant_action, random_policy, untrained_network, descends, never_updates),
)
