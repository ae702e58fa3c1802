"""Question 8: several agents, and agents that don't see everything."""

import torch


def belief_update(belief, transition, observation, action, observed):
    new_belief = []
    for s_next in range(len(belief)):
        predicted = torch.einsum("s,s->", transition[:, action, s_next], belief)
        new_belief.append(observation[s_next, observed] * predicted)
    new_belief = torch.stack(new_belief)
    return new_belief / new_belief.sum()


def counterfactual_advantage(q_values, policy, actions):
    advantages = []
    for q, pi, a in zip(q_values, policy, actions):
        baseline = torch.einsum("a,a->", pi, q)
        advantages.append(q[a] - baseline)
    return torch.stack(advantages)


def exploitability(payoff, row_policy, column_policy):
    row_values = torch.stack([torch.einsum("j,j->", row, column_policy) for row in payoff])
    column_values = torch.stack([torch.einsum("i,i->", column, row_policy) for column in payoff.T])
    return row_values.max() - column_values.min()


def induced_transition(transition, other_policy):
    states = []
    for s in range(len(transition)):
        # the other agent acts in the present state s
        states.append(torch.einsum("b,abt->at", other_policy[s], transition[s]))
    return torch.stack(states)


def joint_policy(policies):
    joint = policies[0]
    for policy in policies[1:]:
        joint = torch.einsum("...,a->...a", joint, policy)
    return joint.clone()


def qmix_mixing(agent_q_values, w1, b1, w2, b2):
    totals = []
    for i in range(len(agent_q_values)):
        hidden = torch.einsum("n,ne->e", agent_q_values[i], w1[i].abs()) + b1[i]
        # expm1 sees no positive numbers, so it can't overflow
        hidden = torch.where(hidden > 0, hidden, torch.expm1(torch.clamp(hidden, max=0.0)))
        totals.append(torch.einsum("e,e->", hidden, w2[i].abs()) + b2[i])
    return torch.stack(totals)
