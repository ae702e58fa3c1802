"""How the gradients of several workers reach shared parameters: in one step (A2C), or one by one and stale (A3C)."""

from __future__ import annotations

from torch import Tensor


def a2c_update(params: Tensor, worker_grads: Tensor, lr: float) -> Tensor:
    """One synchronous step of descent, θ − α mean_w g_w.

    Args:
        params: `(P,)`, θ.
        worker_grads: `(W, P)`, the gradient of each worker's loss at θ.
        lr: step size α.

    Returns:
        `(P,)`, the new θ.

    Source: Mnih et al. 2016, §4, with all workers waiting for each other.
    """
    return params - lr * worker_grads.mean(dim=0)


def a3c_update(params: Tensor, centers: Tensor, schedule: Tensor, lr: float) -> Tensor:
    """Asynchronous steps of descent, each with a gradient at the parameters that its worker pulled last.

    Worker w has the loss ½‖θ − c_w‖². All workers pull `params` at the start; each pulls right after its own push.

    Args:
        params: `(P,)`, θ at the start.
        centers: `(W, P)`, c_w of each worker.
        schedule: `(K,)` int64, whose push comes next.
        lr: step size α.

    Returns:
        `(P,)`, θ after the last push.

    Source: Mnih et al. 2016, algorithm S3, on quadratic losses.
    """
    shared = params
    pulled = [params] * len(centers)
    for worker in schedule.tolist():
        gradient = pulled[worker] - centers[worker]
        shared = shared - lr * gradient
        pulled[worker] = shared
    return shared
