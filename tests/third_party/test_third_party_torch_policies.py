"""Policies, divergences, steps and samplers against `torch.distributions`, `torch.optim` and `torch.utils.data`."""

from __future__ import annotations

import math

import torch
from torch import distributions
from torch.autograd.functional import hvp
from torch.nn import functional
from torch.utils.data import BatchSampler, RandomSampler

from reference.actor_critic import actor_update
from reference.asynchronous import a2c_update, a3c_update
from reference.continuous import naf_q_value
from reference.entropy import gaussian_entropy
from reference.gaussian import gaussian_log_prob, tanh_gaussian_log_prob
from reference.multi_agent import joint_policy
from reference.policy import action_log_prob, categorical_entropy, policy_gradient_loss
from reference.sampling import minibatch_indices
from reference.td import critic_update
from reference.trust_region import categorical_kl, fisher_vector_product, gaussian_kl
from reference.value import clipped_value_loss
from tests.third_party.comparing import EXACT, gradients, leaf, normal


def test_discrete_policies_with_their_gradients(rng: torch.Generator) -> None:
    logits, actions = leaf(rng, 6, 4), torch.randint(4, (6,), generator=rng)
    theirs = distributions.Categorical(logits=logits)

    for own, other in (
        (action_log_prob(logits, actions), theirs.log_prob(actions)),
        (categorical_entropy(logits), theirs.entropy()),
    ):
        torch.testing.assert_close(own, other, **EXACT)
        torch.testing.assert_close(
            gradients(own.square().sum(), logits), gradients(other.square().sum(), logits), **EXACT
        )


def test_forbidden_actions_have_a_finite_entropy_in_both() -> None:
    logits = torch.tensor([[0.5, -math.inf, 1.0], [-math.inf, 2.0, -math.inf]], dtype=torch.float64)

    theirs = distributions.Categorical(logits=logits).entropy()

    torch.testing.assert_close(categorical_entropy(logits), theirs, **EXACT)


def test_the_policy_gradient_loss_is_a_weighted_cross_entropy(rng: torch.Generator) -> None:
    logits, returns = normal(rng, 6, 4), normal(rng, 6)
    actions = torch.randint(4, (6,), generator=rng)

    theirs = (functional.cross_entropy(logits, actions, reduction="none") * returns).mean()

    torch.testing.assert_close(policy_gradient_loss(logits, actions, returns), theirs, **EXACT)


def test_divergences_with_their_gradients(rng: torch.Generator) -> None:
    old, new = normal(rng, 6, 4), leaf(rng, 6, 4)
    theirs = distributions.kl_divergence(distributions.Categorical(logits=old), distributions.Categorical(logits=new))
    ours = categorical_kl(old, new)

    torch.testing.assert_close(ours, theirs, **EXACT)
    torch.testing.assert_close(gradients(ours.sum(), new), gradients(theirs.sum(), new), **EXACT)


def test_their_kl_div_takes_the_new_policy_first(rng: torch.Generator) -> None:
    """`F.kl_div(input, target)` is KL(target ‖ input), of logarithms; the old policy is its second argument."""
    old, new = normal(rng, 2, 6, 4)
    log_old, log_new = torch.log_softmax(old, -1), torch.log_softmax(new, -1)

    theirs = functional.kl_div(log_new, log_old, reduction="none", log_target=True).sum(dim=-1)

    torch.testing.assert_close(categorical_kl(old, new), theirs, **EXACT)


def gaussian(mean: torch.Tensor, log_std: torch.Tensor) -> distributions.Independent:
    return distributions.Independent(distributions.Normal(mean, log_std.exp()), 1)


def test_gaussian_policies(rng: torch.Generator) -> None:
    actions, mean, log_std, new_mean, new_log_std = normal(rng, 5, 6, 3)
    old, new = gaussian(mean, log_std), gaussian(new_mean, new_log_std)

    torch.testing.assert_close(gaussian_log_prob(actions, mean, log_std), old.log_prob(actions), **EXACT)
    torch.testing.assert_close(gaussian_entropy(log_std), old.entropy(), **EXACT)
    ours = gaussian_kl(mean, log_std, new_mean, new_log_std)
    torch.testing.assert_close(ours, distributions.kl_divergence(old, new), **EXACT)


def test_squashed_gaussian_policies_take_the_action_before_it_is_squashed(rng: torch.Generator) -> None:
    """Theirs takes the squashed action; a cached transform remembers what it came from."""
    mean, log_std = leaf(rng, 6, 3), leaf(rng, 6, 3)
    squash = distributions.TanhTransform(cache_size=1)
    policy = distributions.TransformedDistribution(gaussian(mean, log_std), [squash])
    pre_tanh = 8 * normal(rng, 6, 3)

    theirs = policy.log_prob(squash(pre_tanh))
    ours = tanh_gaussian_log_prob(pre_tanh, mean, log_std)

    torch.testing.assert_close(ours, theirs, **EXACT)
    parameters = (mean, log_std)
    torch.testing.assert_close(gradients(ours.sum(), *parameters), gradients(theirs.sum(), *parameters), **EXACT)


def test_a_quadratic_action_value_is_the_log_density_of_a_gaussian_up_to_a_constant(rng: torch.Generator) -> None:
    value, mean, actions = normal(rng, 6), normal(rng, 6, 3), normal(rng, 6, 3)
    entries = 0.5 * normal(rng, 6, 3, 3)
    lower = entries.tril(-1) + torch.diag_embed(entries.diagonal(dim1=-2, dim2=-1).exp())
    density = distributions.MultivariateNormal(mean, precision_matrix=lower @ lower.mT)

    theirs = value + density.log_prob(actions) - density.log_prob(mean)

    torch.testing.assert_close(naf_q_value(value, mean, entries, actions), theirs, rtol=1e-9, atol=1e-9)


def test_independent_agents_have_the_joint_distribution_that_kronecker_products_give(rng: torch.Generator) -> None:
    policies = torch.softmax(normal(rng, 3, 4), dim=-1)

    theirs = torch.kron(torch.kron(policies[0], policies[1]), policies[2]).view(4, 4, 4)

    torch.testing.assert_close(joint_policy(policies), theirs, **EXACT)


def test_the_fisher_product_is_the_hessian_product_of_the_divergence(rng: torch.Generator) -> None:
    logits, vector = normal(rng, 6, 4), normal(rng, 6, 4)
    old = distributions.Categorical(logits=logits)

    def mean_divergence(new_logits: torch.Tensor) -> torch.Tensor:
        return distributions.kl_divergence(old, distributions.Categorical(logits=new_logits)).mean()

    _, theirs = hvp(mean_divergence, logits, vector)

    torch.testing.assert_close(fisher_vector_product(logits, vector, 0.1), theirs + 0.1 * vector, **EXACT)


def test_a_clipped_value_loss_without_a_bound_is_half_their_mean_square(rng: torch.Generator) -> None:
    values, old_values, returns = normal(rng, 3, 6)

    ours = clipped_value_loss(values, old_values, returns, math.inf)

    torch.testing.assert_close(ours, functional.mse_loss(values, returns) / 2, **EXACT)


def descended(parameter: torch.Tensor, loss: torch.Tensor, lr: float) -> torch.Tensor:
    """One step of their stochastic gradient descent."""
    optimiser = torch.optim.SGD([parameter], lr=lr)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return parameter.detach()


def test_the_actor_step_is_descent_on_the_negative_weighted_log_probability(rng: torch.Generator) -> None:
    theta, features, td_errors = leaf(rng, 3, 4), normal(rng, 6, 3), normal(rng, 6)
    actions = torch.randint(4, (6,), generator=rng)
    ours = actor_update(theta.detach(), features, actions, td_errors, 0.1)
    policy = distributions.Categorical(logits=features @ theta)

    theirs = descended(theta, -(policy.log_prob(actions) * td_errors).mean(), 0.1)

    torch.testing.assert_close(ours, theirs, **EXACT)


def test_the_critic_step_is_descent_on_half_the_squared_error_to_a_fixed_target(rng: torch.Generator) -> None:
    weights, features, next_features, rewards = leaf(rng, 3), normal(rng, 6, 3), normal(rng, 6, 3), normal(rng, 6)
    dones = torch.tensor([0, 1, 0, 0, 1, 0]).double()
    ours = critic_update(weights.detach(), features, rewards, next_features, dones, 0.9, 0.1)
    target = (rewards + 0.9 * (1 - dones) * (next_features @ weights)).detach()

    theirs = descended(weights, functional.mse_loss(features @ weights, target) / 2, 0.1)

    torch.testing.assert_close(ours, theirs, **EXACT)


def test_the_synchronous_step_is_descent_on_the_mean_of_the_workers_losses(rng: torch.Generator) -> None:
    params, centers = leaf(rng, 3), normal(rng, 4, 3)
    ours = a2c_update(params.detach(), params.detach() - centers, 0.1)

    theirs = descended(params, (params - centers).square().sum(dim=-1).mean() / 2, 0.1)

    torch.testing.assert_close(ours, theirs, **EXACT)


def test_one_worker_alone_is_never_stale_and_descends(rng: torch.Generator) -> None:
    params, centers = leaf(rng, 3), normal(rng, 1, 3)
    ours = a3c_update(params.detach(), centers, torch.zeros(3, dtype=torch.int64), 0.1)

    for _ in range(3):
        theirs = descended(params, (params - centers[0]).square().sum() / 2, 0.1)

    torch.testing.assert_close(ours, theirs, **EXACT)


def test_minibatches_are_those_of_their_samplers_with_the_same_generator() -> None:
    ours = minibatch_indices(12, 4, 3, torch.Generator().manual_seed(5))

    order = RandomSampler(range(12), num_samples=36, generator=torch.Generator().manual_seed(5))

    assert ours.tolist() == list(BatchSampler(order, batch_size=4, drop_last=False))
