"""Ways to write `a3c_update` that are right as mathematics; some lose digits."""

import torch


def coefficients_of_the_inputs(params, centers, schedule, lr):
    # everything is linear: follow how much of params and of each center is in θ
    W = len(centers)
    shared = torch.zeros(W + 1, dtype=params.dtype)
    shared[0] = 1.0
    local = shared.repeat(W, 1)
    for w in schedule.tolist():
        gradient = local[w].clone()
        gradient[w + 1] -= 1.0
        shared = shared - lr * gradient
        local[w] = shared
    return shared @ torch.vstack((params, centers))


def recursion(params, centers, schedule, lr):
    pushes = schedule.tolist()

    def after(k):
        if k == 0:
            return params
        w = pushes[k - 1]
        earlier = [i for i in range(1, k) if pushes[i - 1] == w]
        return after(k - 1) - lr * (after(max(earlier, default=0)) - centers[w])

    return after(len(pushes))


def relative_to_the_start(params, centers, schedule, lr):
    moved = torch.zeros_like(params)
    copies = torch.zeros_like(centers)
    away = centers - params
    for w in schedule.tolist():
        moved = moved + lr * (away[w] - copies[w])
        copies = torch.cat((copies[:w], moved[None], copies[w + 1 :]))
    return params + moved


def sum_of_all_pushed_gradients(params, centers, schedule, lr):
    pushed, local = [], [params] * len(centers)
    for w in schedule.tolist():
        pushed.append(local[w] - centers[w])
        local[w] = params - lr * torch.stack(pushed).sum(0)
    return params - lr * torch.stack(pushed).sum(dim=0)


def one_parameter_at_a_time(params, centers, schedule, lr):
    results = []
    for p in range(len(params)):
        theta, local = params[p], [params[p]] * len(centers)
        for w in schedule.tolist():
            theta = theta + lr * (centers[w, p] - local[w])
            local[w] = theta
        results.append(theta)
    return torch.stack(results)


def interpolated(params, centers, schedule, lr):
    shared, local = params, {}
    for w in schedule.tolist():
        copy = local.get(w, params)
        shared = shared - copy + torch.lerp(copy, centers[w], lr)
        local[w] = shared
    return shared


def matrix_for_each_push(params, centers, schedule, lr):
    W = len(centers)
    state = torch.cat((params[None], params.expand(W, -1), centers))  # θ, the copies, the centers
    for w in schedule.tolist():
        push = torch.eye(2 * W + 1, dtype=params.dtype)
        push[0, 1 + w] -= lr
        push[0, 1 + W + w] += lr
        push[1 + w] = push[0]
        state = push @ state
    return state[0]
