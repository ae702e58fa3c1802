"""More ways to write `counterfactual_advantage`; some lose digits, or hold only because probabilities sum to one."""

import torch


def gaps_to_the_action_taken(q_values, policy, actions):
    taken = q_values.gather(1, actions[:, None])
    return ((taken - q_values) * policy).sum(dim=1)


def diagonal_of_a_product(q_values, policy, actions):
    baseline = (policy @ q_values.T).diagonal()
    return q_values[range(len(actions)), actions] - baseline


def batched_product(q_values, policy, actions):
    baseline = torch.bmm(policy[:, None], q_values[:, :, None]).reshape(-1)
    return q_values.take_along_dim(actions[:, None], dim=1).reshape(-1) - baseline


def row_by_row(q_values, policy, actions):
    rows = zip(q_values, policy, actions.tolist(), strict=True)
    return torch.stack([q[a] - pi @ q for q, pi, a in rows])


def weights_written_into_a_copy(q_values, policy, actions):
    weights = -policy
    weights[torch.arange(len(actions)), actions] += 1
    return (weights * q_values).sum(-1)


def baseline_about_the_mean(q_values, policy, actions):
    mean = q_values.mean(dim=1, keepdim=True)
    centred = q_values - mean
    return centred.gather(1, actions[:, None])[:, 0] - (policy * centred).sum(dim=1)


def masked_and_summed(q_values, policy, actions):
    is_taken = torch.arange(q_values.shape[1]) == actions[:, None]
    taken = q_values.masked_fill(~is_taken, 0.0).sum(dim=1)
    return taken - torch.linalg.vecdot(policy, q_values)
