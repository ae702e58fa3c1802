"""Question 7, the whole agent: PPO with what torch has for it."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Categorical
from torch.utils.data import DataLoader, TensorDataset

GAMMA, LAMBDA, CLIP = 0.98, 0.9, 0.2
UPDATES, EPOCHS, MINIBATCHES = 100, 5, 4


class ActorCritic(nn.Module):
    def __init__(self, env):
        super().__init__()
        obs_dim, actions = env.observation_space.shape[0], int(env.action_space.n)
        self.actor = nn.Sequential(nn.Linear(obs_dim, 64), nn.Tanh(), nn.Linear(64, actions))
        self.critic = nn.Sequential(nn.Linear(obs_dim, 64), nn.Tanh(), nn.Linear(64, 1), nn.Flatten(0))

    def forward(self, obs):
        return Categorical(logits=self.actor(obs)), self.critic(obs)

    def policy(self, obs):
        return self.actor(torch.as_tensor(obs)).argmax()


def train(make_env, total_steps, seed):
    torch.manual_seed(seed)
    env = make_env()
    env.reset(seed=seed)
    agent = ActorCritic(env)
    optimizer = torch.optim.Adam(agent.parameters(), lr=5e-3)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, UPDATES)
    walk = steps_of(env, agent)
    for _ in range(UPDATES):
        rollout = [next(walk) for _ in range(total_steps // UPDATES)]
        improve(agent, optimizer, prepared(agent, rollout))
        schedule.step()
    return agent.policy


def steps_of(env, agent):
    """Follow the policy for ever: (obs, action, log_prob, reward, next_obs, terminated, ended)."""
    obs, _ = env.reset()
    while True:
        with torch.no_grad():
            policy = Categorical(logits=agent.actor(torch.as_tensor(obs)))
            action = policy.sample()
        next_obs, reward, terminated, truncated, _ = env.step(action.item())
        ended = terminated or truncated
        yield obs, action, policy.log_prob(action), reward, next_obs, float(terminated), float(ended)
        obs = env.reset()[0] if ended else next_obs


@torch.no_grad()
def prepared(agent, rollout):
    """A data set of (obs, action, log_prob, advantage, return), with generalised advantages."""
    obs, actions, log_probs, rewards, next_obs, terminated, ended = (
        torch.stack([torch.as_tensor(part, dtype=torch.float32) for part in column]) for column in zip(*rollout)
    )
    values = agent.critic(obs)
    deltas = rewards + GAMMA * (1 - terminated) * agent.critic(next_obs) - values
    advantages = torch.zeros_like(deltas)
    following = torch.zeros(())
    for t in reversed(range(len(deltas))):
        following = deltas[t] + GAMMA * LAMBDA * (1 - ended[t]) * following
        advantages[t] = following
    return TensorDataset(obs, actions, log_probs, advantages, advantages + values)


def improve(agent, optimizer, rollout):
    batches = DataLoader(rollout, batch_size=len(rollout) // MINIBATCHES, shuffle=True, drop_last=True)
    for _ in range(EPOCHS):
        for obs, actions, old_log_probs, advantages, returns in batches:
            policy, values = agent(obs)
            std, mean = torch.std_mean(advantages)
            advantages = (advantages - mean) / (std + 1e-8)
            ratio = (policy.log_prob(actions) - old_log_probs).exp()
            objective = torch.minimum(ratio * advantages, ratio.clamp(1 - CLIP, 1 + CLIP) * advantages).mean()
            loss = -objective + 0.5 * F.mse_loss(values, returns) - 0.01 * policy.entropy().mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
            optimizer.step()
