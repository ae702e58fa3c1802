"""Question 1: returns and policy gradients. I write every sum as a loop, like in the lecture."""

import torch


def discounted_returns(rewards, dones, gamma):
    # walk backwards: G_t = r_t + gamma * (1 - d_t) * G_{t+1}
    returns = []
    G = torch.zeros_like(rewards[0])
    for t in reversed(range(len(rewards))):
        G = rewards[t] + gamma * (1 - dones[t]) * G
        returns.append(G)
    returns.reverse()
    return torch.stack(returns)


def exact_policy_gradient(theta, transition, reward, start, gamma):
    S, A = theta.shape
    policy = torch.stack([torch.softmax(theta[s], dim=0) for s in range(S)])

    # what the policy makes of the environment
    P_pi = torch.einsum("sa,sat->st", policy, transition)
    r_pi = torch.einsum("sa,sa->s", policy, reward)

    identity = torch.eye(S, dtype=theta.dtype, device=theta.device)
    V = torch.linalg.solve(identity - gamma * P_pi, r_pi)
    d = torch.linalg.solve(identity - gamma * P_pi.T, start)

    rows = []
    for s in range(S):
        row = []
        for a in range(A):
            Q = reward[s, a] + gamma * torch.einsum("t,t->", transition[s, a], V)
            row.append(d[s] * policy[s, a] * (Q - V[s]))
        rows.append(torch.stack(row))
    return torch.stack(rows)


def policy_gradient_estimate(theta, states, actions, rewards, gamma):
    N, T = states.shape
    policy = torch.softmax(theta, dim=-1)
    gradient = torch.zeros_like(theta)
    for n in range(N):
        G = torch.zeros_like(rewards[n, 0])
        for t in reversed(range(T)):
            G = rewards[n, t] + gamma * G
            s, a = states[n, t], actions[n, t]
            # d log pi(a|s) / d theta[s, b] = [a = b] - pi(b|s)
            score = -policy[s]
            score[a] += 1
            gradient[s] += score * G
    return gradient / N


def policy_gradient_loss(logits, actions, returns):
    log_probs = torch.log_softmax(logits, dim=-1)
    terms = []
    for log_prob, action, G in zip(log_probs, actions, returns):
        terms.append(log_prob[action] * G.detach())
    return -torch.stack(terms).mean()
