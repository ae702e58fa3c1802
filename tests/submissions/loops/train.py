"""Question 7, the whole agent: REINFORCE, one episode after the other, and a value network as its baseline."""

import torch

gamma = 0.99


def train(make_env, total_steps, seed):
    torch.manual_seed(seed)
    env = make_env()
    n_obs = env.observation_space.shape[0]
    n_actions = int(env.action_space.n)
    policy = make_network(n_obs, n_actions)
    baseline = make_network(n_obs, 1)
    policy_optimizer = torch.optim.Adam(policy.parameters(), lr=0.01)
    baseline_optimizer = torch.optim.Adam(baseline.parameters(), lr=0.01)

    steps_left = total_steps
    batch_steps = total_steps // 100  # an update needs at least so many
    states, actions, returns = [], [], []
    while steps_left > 0:
        episode_states, episode_actions, rewards = play(env, policy, steps_left)
        steps_left -= len(rewards)
        states += episode_states
        actions += episode_actions
        returns += returns_of(rewards)
        if len(states) >= batch_steps:
            policy_optimizer.param_groups[0]["lr"] = 0.01 * steps_left / total_steps  # smaller and smaller steps
            update(policy, policy_optimizer, baseline, baseline_optimizer, states, actions, returns)
            states, actions, returns = [], [], []

    def act(obs):
        return int(torch.argmax(policy(torch.tensor(obs))))

    return act


def make_network(n_in, n_out):
    return torch.nn.Sequential(torch.nn.Linear(n_in, 64), torch.nn.Tanh(), torch.nn.Linear(64, n_out))


def play(env, policy, most_steps):
    """One episode, or what of it there are steps left for."""
    states, actions, rewards = [], [], []
    obs, _ = env.reset()
    for _ in range(most_steps):
        state = torch.tensor(obs)
        with torch.no_grad():
            probs = torch.softmax(policy(state), dim=0)
        action = int(torch.multinomial(probs, 1))
        obs, reward, terminated, truncated, _ = env.step(action)
        states.append(state)
        actions.append(action)
        rewards.append(reward)
        if terminated or truncated:
            break
    return states, actions, rewards


def returns_of(rewards):
    returns = []
    G = 0.0
    for reward in reversed(rewards):
        G = reward + gamma * G
        returns.insert(0, G)
    return returns


def update(policy, policy_optimizer, baseline, baseline_optimizer, states, actions, returns):
    states = torch.stack(states)
    returns = torch.tensor(returns)
    values = baseline(states)[:, 0]
    advantages = (returns - values).detach()
    advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)

    log_probs = torch.log_softmax(policy(states), dim=1)
    terms = []
    for t in range(len(actions)):
        terms.append(log_probs[t, actions[t]] * advantages[t])
    policy_optimizer.zero_grad()
    loss = -torch.stack(terms).mean()
    loss.backward()
    policy_optimizer.step()

    for _ in range(5):
        baseline_optimizer.zero_grad()
        baseline_loss = ((baseline(states)[:, 0] - returns) ** 2).mean()
        baseline_loss.backward()
        baseline_optimizer.step()
