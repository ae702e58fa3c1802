"""PPO goes over the same samples several times, in minibatches. Every epoch visits all samples once, in an order of its
own, so that no two gradient steps are about the same group of samples.

`size` is the number of samples, `minibatch_size` that of a minibatch, `epochs` that of passes over all samples; all
three are ints, and `minibatch_size` divides `size`. The result has one row for each minibatch, in the order in which
they are used: its shape is (epochs · size / minibatch_size, minibatch_size), int64. The first size / minibatch_size
rows are the first epoch, the next ones the second.

Every epoch holds each index 0 … size − 1 exactly once, in an order that is drawn anew, each of the size! orders being
equally likely. All randomness comes from `generator`, a torch.Generator on the CPU: one with the same seed gives the
same result.
"""

from math import factorial

import torch

from grader.checks import Drawn, Property, RowsOfOneCall, UniformChoice
from grader.model.case import Example
from grader.model.generators import Generator, Seeded
from grader.model.problem import Problem
from grader.model.signature import Number, Signature
from reference.sampling import minibatch_indices


def with_replacement(size, minibatch_size, epochs, generator):
    """You draw every index by itself, so that some samples occur twice in an epoch and others not at all. An epoch
    visits each sample exactly once: cut a permutation into pieces, `torch.randperm(size, generator=generator)`.
    """
    return torch.randint(size, (epochs * size // minibatch_size, minibatch_size), generator=generator)


def one_permutation_for_all_epochs(size, minibatch_size, epochs, generator):
    """You shuffle once and go through the same minibatches in every epoch. Then the same samples always share a
    gradient step: draw a new permutation for each epoch, inside the loop.
    """
    return torch.randperm(size, generator=generator).repeat(epochs).view(-1, minibatch_size)


def unshuffled(size, minibatch_size, epochs, generator):
    """You go through the samples in the order in which they came. Neighbours are steps of one episode and much alike,
    so a minibatch of them says little: shuffle, `torch.randperm(size, generator=generator)`.
    """
    return torch.arange(size).repeat(epochs).view(-1, minibatch_size)


def last_minibatch_dropped(size, minibatch_size, epochs, generator):
    """You leave out the last minibatch of every epoch, though the sizes divide evenly. Look at where your range ends:
    it starts a minibatch at every multiple of `minibatch_size` below `size`.
    """
    full = minibatch_indices(size, minibatch_size, epochs, generator)
    return full.view(epochs, -1, minibatch_size)[:, :-1].reshape(-1, minibatch_size)


def shuffled_across_epochs(size, minibatch_size, epochs, generator):
    """You shuffle the indices of all epochs together. Over the whole update each sample is used equally often, but a
    single epoch has some twice and misses others: draw one permutation of `size` for each epoch.
    """
    order = torch.randperm(size * epochs, generator=generator)
    return (order % size).view(-1, minibatch_size)


def minibatches_shuffled_but_not_samples(size, minibatch_size, epochs, generator):
    """You shuffle the order of the minibatches, and each of them always holds the same neighbouring samples. It is the
    samples that are to be shuffled: permute the indices first, and cut them into minibatches then.
    """
    blocks = torch.arange(size).view(-1, minibatch_size)
    return torch.cat([blocks[torch.randperm(len(blocks), generator=generator)] for _ in range(epochs)])


def started_somewhere(size, minibatch_size, epochs, generator):
    """You start at a random sample and go on in order from there. Each sample is as likely at each place, but
    neighbours stay together, and most orders never occur. Permute: `torch.randperm(size, generator=generator)`.
    """
    starts = torch.randint(size, (epochs, 1), generator=generator)
    return ((starts + torch.arange(size)) % size).view(-1, minibatch_size)


def same_groups_in_another_order(size, minibatch_size, epochs, generator):
    """You shuffle the samples once, cut them into minibatches, and shuffle those anew for every epoch. Then the same
    samples always share a gradient step, if at another time: draw a new permutation of all *samples* for each epoch,
    and cut it into minibatches then.
    """
    groups = torch.randperm(size, generator=generator).view(-1, minibatch_size)
    return torch.cat([groups[torch.randperm(len(groups), generator=generator)] for _ in range(epochs)])


def never_left_in_place(size, minibatch_size, epochs, generator):
    """You swap each sample with an earlier one, but never leave it where it is. So 6 of the 24 orders of four samples
    can occur, those that are a single cycle. In a Fisher-Yates shuffle the place to swap with is drawn from 0 to i, i
    itself included: `torch.randint(i + 1, (), generator=generator)`.
    """
    orders = []
    for _ in range(epochs):
        order = list(range(size))
        earlier = (torch.rand(size, generator=generator) * torch.arange(size)).long().tolist()
        for i in range(size - 1, 0, -1):
            j = earlier[i]
            order[i], order[j] = order[j], order[i]
        orders += order
    return torch.tensor(orders).view(-1, minibatch_size)


def generator_ignored(size, minibatch_size, epochs, generator):
    """You draw from the global random state and not from `generator`. Then a run can't be repeated: hand the generator
    on, `torch.randperm(size, generator=generator)`.
    """
    return minibatch_indices(size, minibatch_size, epochs, torch.default_generator)


def _is_well_formed(results):
    size, minibatch_size, epochs = (results.inputs[name] for name in ("size", "minibatch_size", "epochs"))
    shape = (epochs * size // minibatch_size, minibatch_size)
    return all(each.shape == shape and each.dtype is torch.int64 for each in _all(results))


def _all(results):
    return (results.first, results.again, results.other)


def _every_epoch_is_complete(results):
    epochs = results.inputs["epochs"]
    every_index = torch.arange(results.inputs["size"]).expand(epochs, -1)
    return all(torch.equal(each.reshape(epochs, -1).sort(dim=1).values, every_index) for each in _all(results))


def _all_epochs_together_are_complete(results):
    every_index = torch.arange(results.inputs["size"]).repeat_interleave(results.inputs["epochs"])
    return all(torch.equal(each.flatten().sort().values, every_index) for each in _all(results))


def _no_epoch_repeats_another(results):
    epochs = results.inputs["epochs"]
    return len(torch.unique(results.first.reshape(epochs, -1), dim=0)) == epochs


def _neighbours_are_parted(results):
    """Whether fewer than half of the samples come right after the one that came right before them in the rollout."""
    size, epochs = results.inputs["size"], results.inputs["epochs"]
    if size < 1000:  # where that may happen by chance
        return True
    order = results.first.reshape(epochs, -1)
    return 2 * int((order[:, 1:] == order[:, :-1] + 1).sum()) < order.numel()


def _groups_are_mixed_anew(results):
    """Whether each minibatch has less than half of its samples in common with any of another epoch.

    Of large minibatches, and many of them: small ones meet again by chance.
    """
    size, minibatch_size, epochs = (results.inputs[name] for name in ("size", "minibatch_size", "epochs"))
    number = size // minibatch_size
    if minibatch_size < 32 or number < 16 or not _every_epoch_is_complete(results):
        return True
    group = results.first.reshape(epochs, -1).argsort(dim=1) // minibatch_size  # of every sample, in every epoch
    pairs = (group[one] * number + group[other] for one in range(epochs) for other in range(one))
    return all(2 * int(torch.bincount(each).max()) < minibatch_size for each in pairs)


PROPERTIES = (
    Property(
        "shape", "the result is an int64 tensor of shape (epochs · size / minibatch_size, minibatch_size)",
        _is_well_formed,
    ),
    Property("together", "all epochs together hold every index `epochs` times", _all_epochs_together_are_complete),
    Property("complete", "every epoch holds every index exactly once", _every_epoch_is_complete),
    Property(
        "seed", "generators with the same seed give the same indices, and with different ones different indices",
        lambda results: torch.equal(results.first, results.again) and not torch.equal(results.first, results.other),
    ),
    Property("anew", "every epoch has an order of its own", _no_epoch_repeats_another),
    Property(
        "mixed", "no minibatch has half of its samples in common with one of another epoch", _groups_are_mixed_anew
    ),
    Property("parted", "samples that came one after the other don't stay together", _neighbours_are_parted),
)  # fmt: skip


def _orders_of_four(indices):
    """The order of every epoch; none where one is not an order of all four samples."""
    orders = indices.reshape(-1, 4).tolist() if indices.numel() == 200 else []
    return [tuple(order) for order in orders] if all(sorted(order) == [0, 1, 2, 3] for order in orders) else []


FOUR_SAMPLES = RowsOfOneCall(
    lambda rng: {
        "size": 4,
        "minibatch_size": 2,
        "epochs": 50,
        "generator": Seeded(int(torch.randint(1 << 31, (), generator=rng))),
    },
    outcomes=factorial(4),
    rows=_orders_of_four,
)
"""The order of four samples in each of fifty epochs."""

PROBLEM = Problem(
    title="Minibatch indices",
    source="Assignment question 7; Schulman et al. 2017, algorithm 1",
    statement=__doc__,
    formula=r"i_{e,1}, \dots, i_{e,n} = \text{a permutation of } 0, \dots, n - 1, \quad "
    r"P(\text{permutation}) = \frac{1}{n!} \quad \text{independently for every epoch } e",
    signature=Signature(
        {
            "size": Number("n, number of samples", (12, 24, 36), 12),
            "minibatch_size": Number("samples of one minibatch, a divisor of `size`", (2, 3, 4, 6), 3),
            "epochs": Number("passes over all samples", (2, 3), 2),
            "generator": Generator("where all randomness comes from"),
        },
        returns="minibatches minibatch_size",
        dtype="int64",
    ),
    reference=minibatch_indices,
    examples=(
        Example("twelve samples in minibatches of 4, twice", values={"size": 12, "minibatch_size": 4, "epochs": 2}),
        Example("thirteen samples in one minibatch", values={"size": 13, "minibatch_size": 13, "epochs": 3}),
        Example("one epoch", values={"size": 20, "minibatch_size": 5, "epochs": 1}),
        Example("minibatches of a single sample", values={"size": 15, "minibatch_size": 1, "epochs": 2}),
        Example("ten epochs of 2048 samples", values={"size": 2048, "minibatch_size": 64, "epochs": 10}),
    ),
    checks=(
        Drawn(
            "epochs", 4, "visits every sample once in every epoch", ("shape", "together", "complete"), PROPERTIES
        ),
        Drawn(
            "generator", 1, "takes all its randomness from the generator", ("seed",), PROPERTIES,
            requires="epochs",
        ),
        Drawn(
            "fresh_orders", 2, "draws an order of its own for every epoch", ("anew", "mixed"), PROPERTIES,
            requires="epochs",
        ),
        UniformChoice(
            "uniform", 3, "every order of the samples is equally likely", FOUR_SAMPLES, (500, 2500),
            requires="fresh_orders",
        ),
    ),
    misconceptions=(
        with_replacement,
        one_permutation_for_all_epochs,
        unshuffled,
        last_minibatch_dropped,
        shuffled_across_epochs,
        minibatches_shuffled_but_not_samples,
        same_groups_in_another_order,
        started_somewhere,
        never_left_in_place,
        generator_ignored,
    ),
)  # fmt: skip
