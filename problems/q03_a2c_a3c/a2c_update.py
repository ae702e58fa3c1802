"""A2C waits for all its workers. Each of the W workers has computed the gradient of its loss at the *same* parameters
θ; then a single central step of descent is made with the mean of these gradients: θ − α · mean_w g_w. That is what one
big batch would have given, and so the step does not grow with the number of workers.

`params` is θ, a vector of P parameters. Row w of `worker_grads`, of shape `(W, P)`, is the gradient of worker w. `lr`
is the step size α.

Return the new parameters, in the inputs' dtype and on their device, and leave the inputs as they are. No gradient is
asked of the result.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Normal
from grader.model.signature import Number, Signature, Tensor
from reference.asynchronous import a2c_update


def sum_instead_of_mean(params, worker_grads, lr):
    """You add the workers' gradients up, or make one step after the other with each of them, which comes to the same:
    the parameters move W times too far. Make a single step with the mean over the workers.
    """
    return params - lr * worker_grads.sum(dim=0)


def ascent(params, worker_grads, lr):
    """You add the step, which climbs. These are gradients of *losses*: subtract α · mean_w g_w."""
    return params + lr * worker_grads.mean(dim=0)


def last_worker_alone(params, worker_grads, lr):
    """Your workers step one after the other, each from the old parameters, so that only the last one's step is left.
    Wait for all of them: one step with the mean of their gradients.
    """
    return params - lr * worker_grads[-1]


def first_worker_alone(params, worker_grads, lr):
    """You use the gradient of the first worker alone, and forget the others. Take the mean over the workers, which is
    the mean over the first axis.
    """
    return params - lr * worker_grads[0]


def one_mean_for_all_parameters(params, worker_grads, lr):
    """You take the mean over workers *and* parameters, so that every parameter moves by the same number. Each has its
    own gradient: take the mean over the workers alone, `dim=0`.
    """
    return params - lr * worker_grads.mean()


def step_returned_without_the_parameters(params, worker_grads, lr):
    """You return the step −α · mean_w g_w alone. Add it to `params`: the new parameters are asked for."""
    return -lr * worker_grads.mean(dim=0)


def formula(params, worker_grads, lr):
    """θ − α/W Σ_w g_w."""
    return params - lr * worker_grads.sum(axis=0) / len(worker_grads)


PROBLEM = Problem(
    title="Synchronous update of A2C",
    source="Assignment question 3; Mnih et al. 2016, §4, with workers that wait for each other",
    statement=__doc__,
    formula=Formula(
        r"\theta \leftarrow \theta - \frac{\alpha}{W} \sum_{w=1}^{W} g_w",
        formula,
        (
            Instance({"W": 3, "P": 2}, {"lr": 0.625}),
            Instance({"W": 2, "P": 4}, {"lr": 0.75}),
        ),
    ),
    signature=Signature(
        {
            "params": Tensor("P", "θ, which all workers share"),
            "worker_grads": Tensor("W P", "gradient of each worker's loss at θ"),
            "lr": Number("step size α", (0.1, 0.3, 0.02), 0.5),
        },
        returns="P",
    ),
    reference=a2c_update,
    examples=(
        Example("two workers that disagree", values={"worker_grads": [[1.0, -2.0, 0.5], [-1.0, 4.0, 0.5]]}),
        Example("sixteen workers", {"W": 16, "P": 5}),
    ),
    edges=(
        Example("a single worker", {"W": 1, "P": 3}),
        Example("a single parameter", {"W": 3, "P": 1}),
        Example("as many workers as parameters", {"W": 4, "P": 4}),
        Example("a step size of 0", {"W": 3, "P": 2}, {"lr": 0.0}),
        Example("gradients of very different size", {"W": 5, "P": 3}, {"worker_grads": Normal(0.0, 1000.0)}),
        Example("a hundred workers and ten thousand parameters", {"W": 100, "P": 10_000}),
    ),
    checks=(
        Agreement(1),
        Symbolic(1),
        full_precision(1),
        Edges(1),
        Invariance(
            "order_of_the_workers",
            1,
            "it does not matter which worker is which",
            change=lambda inputs: {"worker_grads": torch.flip(inputs["worker_grads"], [0])},
        ),
        Contract(1),
    ),
    misconceptions=(
        sum_instead_of_mean,
        ascent,
        last_worker_alone,
        first_worker_alone,
        one_mean_for_all_parameters,
        step_returned_without_the_parameters,
    ),
)
