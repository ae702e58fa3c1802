"""More ways to write `induced_transition`, all fit to be proved."""

import torch


def one_action_of_the_other_at_a_time(transition, other_policy):
    return sum(other_policy[:, b, None, None] * transition[:, :, b] for b in range(other_policy.shape[1]))


def tensordot_of_each_state(transition, other_policy):
    pairs = zip(other_policy, transition, strict=True)
    return torch.stack([torch.tensordot(policy, table, dims=([0], [1])) for policy, table in pairs])


def next_state_in_front(transition, other_policy):
    moved = transition.movedim(3, 0)
    return (moved * other_policy[:, None]).sum(-1).movedim(0, -1)


def weighted_mean(transition, other_policy):
    return (transition * other_policy.unsqueeze(1).unsqueeze(-1)).mean(dim=-2) * other_policy.size(1)


def diagonal_of_all_pairs_of_states(transition, other_policy):
    pairs = torch.einsum("sabt,ub->suat", transition, other_policy)
    return pairs.diagonal(dim1=0, dim2=1).movedim(-1, 0)


def vectors_of_the_other(transition, other_policy):
    return torch.matmul(transition.transpose(2, 3), other_policy[:, None, :, None]).squeeze(-1)


def mapped_over_the_states(transition, other_policy):
    return torch.func.vmap(lambda table, policy: torch.einsum("abt,b->at", table, policy))(transition, other_policy)
