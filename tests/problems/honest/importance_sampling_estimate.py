"""Right answers to `importance_sampling_estimate`, written in the ways that students write them."""

import numpy as np
import torch


def softmax_or_exp(target_log_prob, behavior_log_prob, returns, weighted):
    log_rho = target_log_prob.sum(dim=1) - behavior_log_prob.sum(dim=1)
    weights = torch.softmax(log_rho, dim=0) if weighted else torch.exp(log_rho) / len(returns)
    return torch.dot(weights, returns)


def logsumexp(target_log_prob, behavior_log_prob, returns, weighted):
    log_ratio = torch.sum(target_log_prob - behavior_log_prob, dim=-1)
    if weighted:
        return torch.sum(torch.exp(log_ratio - torch.logsumexp(log_ratio, dim=0)) * returns)
    return torch.mean(torch.exp(log_ratio) * returns)


def largest_ratio_taken_out(target_log_prob, behavior_log_prob, returns, weighted):
    log_ratio = (target_log_prob - behavior_log_prob).sum(-1)
    if not weighted:
        return (log_ratio.exp() * returns).sum() / returns.numel()
    rho = (log_ratio - log_ratio.max()).exp()
    return (rho * returns).sum() / rho.sum()


def loop_over_the_trajectories(target_log_prob, behavior_log_prob, returns, weighted):
    logs = []
    for target, behavior in zip(target_log_prob, behavior_log_prob):
        total = torch.zeros((), dtype=target.dtype, device=target.device)
        for t in range(len(target)):
            total = total + target[t] - behavior[t]
        logs.append(total)
    logs = torch.stack(logs)
    shift = logs.amax() if weighted else torch.zeros_like(logs[0])
    weights = torch.exp(logs - shift)
    normaliser = weights.sum() if weighted else len(returns)
    return torch.einsum("n,n->", weights, returns) / normaliser


def log_softmax_and_matmul(target_log_prob, behavior_log_prob, returns, weighted):
    ones = torch.ones(target_log_prob.shape[1], dtype=returns.dtype, device=returns.device)
    log_rho = (target_log_prob - behavior_log_prob) @ ones
    if weighted:
        return torch.log_softmax(log_rho, dim=0).exp() @ returns
    return log_rho.exp() @ returns / log_rho.shape[0]


def numpy_throughout(target_log_prob, behavior_log_prob, returns, weighted):
    difference = target_log_prob.cpu().numpy() - behavior_log_prob.cpu().numpy()
    logs, g = difference.sum(axis=1), returns.cpu().numpy()
    if weighted:
        rho = np.exp(logs - logs.max())
        estimate = np.sum(rho * g) / np.sum(rho)
    else:
        estimate = np.mean(np.exp(logs) * g)
    return torch.tensor(estimate, dtype=returns.dtype, device=returns.device)
