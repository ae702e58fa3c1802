"""A3C does not wait. Each worker pulls the shared parameters θ, computes a gradient at its own copy, and pushes that
gradient to whatever θ has become meanwhile: θ ← θ − α g. So gradients are *stale*: they belong to parameters from
before the pushes of others. This problem makes that exact, with losses whose gradients can be written down.

Worker w has the loss ½‖θ − c_w‖², whose gradient at its copy θ_w is θ_w − c_w; `centers`, of shape `(W, P)`, holds c_w
in row w. All workers pull `params`, a vector of P parameters, at the start. `schedule` holds K worker numbers: whose
push comes next. At its turn a worker

1. pushes the gradient at the copy that it pulled last: θ ← θ − α (θ_w − c_w), with the step size `lr` for α;
2. pulls right after that, so that its copy is θ with its own push in it.

The other workers keep the copies they have. Workers may push several times, or never.

Return θ after the last push, in the dtype and on the device of `params`, and leave the inputs as they are. No gradient
is asked of the result.
"""

import torch

from grader.checks import Agreement, Contract, Edges, Invariance, Symbolic, full_precision
from grader.model.case import Example
from grader.model.formula import Formula, Instance
from grader.model.problem import Problem
from grader.model.sampling import Indices, Normal
from grader.model.signature import Number, Signature, Tensor
from reference.asynchronous import a3c_update


def fresh_gradients(params, centers, schedule, lr):
    """You compute every gradient at θ as it is when the worker pushes. That would be right if each worker pulled just
    before it pushes. In A3C it computes while others push: use the copy it pulled last, after its own last push.
    """
    shared = params
    for worker in schedule.tolist():
        shared = shared - lr * (shared - centers[worker])
    return shared


def averaged_into_one_step(params, centers, schedule, lr):
    """You average the gradients and make a single step. That is the synchronous update of A2C. In A3C every push is a
    step of its own, and a worker that pushes again has pulled since.
    """
    return params - lr * (params - centers[schedule]).mean(dim=0)


def never_pulled_again(params, centers, schedule, lr):
    """Your workers compute all their gradients at the parameters of the start. A worker pulls after each of its pushes:
    replace its copy by θ then.
    """
    return params - lr * (params - centers[schedule]).sum(dim=0)


def pushed_in_worker_order(params, centers, schedule, lr):
    """Your workers push in the order of their numbers. When a worker gets its turn is what `schedule` says, and it
    decides how stale its gradient is: go through `schedule` from the front.
    """
    return a3c_update(params, centers, schedule.sort().values, lr)


def pulled_before_the_own_push(params, centers, schedule, lr):
    """Your worker pulls before its own push has arrived, so its next gradient belongs to a θ without it. Push first,
    and pull then: θ ← θ − α g, θ_w ← θ.
    """
    shared, pulled = params, [params] * len(centers)
    for worker in schedule.tolist():
        before = shared
        shared = shared - lr * (pulled[worker] - centers[worker])
        pulled[worker] = before
    return shared


def copy_pushed_instead_of_the_gradient(params, centers, schedule, lr):
    """Your worker makes the step on its own copy and writes that to θ. So whatever others pushed meanwhile is lost. It
    pushes the *gradient*: subtract α (θ_w − c_w) from θ as it is now.
    """
    shared, pulled = params, [params] * len(centers)
    for worker in schedule.tolist():
        shared = pulled[worker] - lr * (pulled[worker] - centers[worker])
        pulled[worker] = shared
    return shared


def ascent(params, centers, schedule, lr):
    """You add the gradients, which drives θ away from the centers. These are losses: subtract α (θ_w − c_w)."""
    return a3c_update(params, centers, schedule, -lr)


def formula(params, centers, schedule, lr):
    """θ_k = θ_{k−1} − α (θ_{p(k)} − c_w), where w pushes at k and p(k) is its push before that, or 0."""
    theta = [params]
    for k, w in enumerate(schedule, start=1):
        earlier = [i for i in range(1, k) if schedule[i - 1] == w]
        p = max(earlier, default=0)
        theta.append(theta[k - 1] - lr * (theta[p] - centers[w]))
    return theta[-1]


PROBLEM = Problem(
    title="Asynchronous, stale updates of A3C",
    source="Assignment question 3; Mnih et al. 2016, algorithm S3",
    statement=__doc__,
    formula=Formula(
        r"\theta_k = \theta_{k-1} - \alpha \, (\theta_{p(k)} - c_{w_k}), \quad "
        r"p(k) = \max \left( \{0\} \cup \{i < k : w_i = w_k\} \right), \quad k = 1, \dots, K",
        formula,
        (
            *(
                Instance({"W": 2, "P": 1, "K": 3}, {"schedule": schedule, "lr": 0.625})
                for schedule in ([0, 1, 0], [0, 1, 1], [0, 0, 1], [1, 0, 0], [1, 0, 1], [1, 1, 1])
            ),
            Instance({"W": 3, "P": 2, "K": 7}, {"schedule": [2, 0, 1, 2, 2, 0, 1], "lr": 0.25}),
        ),
    ),
    signature=Signature(
        {
            "params": Tensor("P", "θ at the start, which all workers pull"),
            "centers": Tensor("W P", "c_w of each worker's loss ½‖θ − c_w‖²"),
            "schedule": Tensor("K", "whose push comes next, worker numbers from 0", Indices("W")),
            "lr": Number("step size α", (0.1, 0.3, 0.2), 0.5),
        },
        returns="P",
    ),
    reference=a3c_update,
    examples=(
        Example("two workers take turns", {"W": 2, "P": 3}, {"schedule": [1, 0, 1, 0, 1, 0], "lr": 0.3}),
        Example("each of four workers pushes once", {"W": 4, "P": 3}, {"schedule": [2, 0, 3, 1]}),
        Example("one worker is much slower", {"W": 3, "P": 2}, {"schedule": [0, 2, 0, 2, 0, 2, 1, 0], "lr": 0.2}),
    ),
    edges=(
        Example("a single worker", {"W": 1, "P": 3, "K": 4}),
        Example("a single push", {"W": 3, "P": 2, "K": 1}),
        Example("a single parameter", {"W": 3, "P": 1, "K": 5}),
        Example("all sizes equal", {"W": 4, "P": 4, "K": 4}),
        Example("one worker pushes again and again", {"W": 3, "P": 2}, {"schedule": [1, 1, 1, 1, 1]}),
        Example("a step size of 0", {"W": 3, "P": 2, "K": 5}, {"lr": 0.0}),
        Example("a step size of 1", {"W": 3, "P": 2}, {"schedule": [0, 1, 0, 2, 1], "lr": 1.0}),
        Example("a thousand pushes", {"W": 5, "P": 3, "K": 1000}, {"lr": 0.02, "centers": Normal(1.0, 2.0)}),
    ),
    checks=(
        Agreement(3),
        Symbolic(1),
        full_precision(1),
        Edges(3),
        Invariance(
            "numbers_of_the_workers",
            1,
            "numbering the workers otherwise, in `centers` and `schedule` alike, changes nothing",
            change=lambda inputs: {
                "centers": torch.flip(inputs["centers"], [0]),
                "schedule": len(inputs["centers"]) - 1 - inputs["schedule"],
            },
            drawn=6,  # in a short one the order of the pushes may not matter
        ),
        Contract(1),
    ),
    misconceptions=(
        fresh_gradients,
        averaged_into_one_step,
        never_pulled_again,
        pushed_in_worker_order,
        pulled_before_the_own_push,
        copy_pushed_instead_of_the_gradient,
        ascent,
    ),
)
