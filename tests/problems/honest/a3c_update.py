"""Right answers to `a3c_update`, written in the ways that students write them."""

import torch


def list_of_copies(params, centers, schedule, lr):
    theta = params.clone()
    local = [params.clone() for _ in range(centers.shape[0])]
    for w in schedule.tolist():
        grad = local[w] - centers[w]
        theta = theta - lr * grad
        local[w] = theta.clone()
    return theta


def matrix_of_copies(params, centers, schedule, lr):
    shared = params.clone()
    copies = params.repeat(len(centers), 1)
    for w in schedule:
        shared -= lr * (copies[w] - centers[w])
        copies[w] = shared
    return shared


def workers_as_objects(params, centers, schedule, lr):
    class Server:
        def __init__(self):
            self.theta = params

    class Worker:
        def __init__(self, server, center):
            self.server, self.center = server, center
            self.pull()

        def pull(self):
            self.theta = self.server.theta

        def push(self):
            self.server.theta = self.server.theta - lr * (self.theta - self.center)

    server = Server()
    workers = [Worker(server, center) for center in centers]
    for number in schedule:
        worker = workers[int(number)]
        worker.push()
        worker.pull()
    return server.theta


def autograd_of_the_losses(params, centers, schedule, lr):
    shared = params.detach().clone()
    local = {w: shared.clone() for w in range(len(centers))}
    for w in schedule.tolist():
        theta = local[w].requires_grad_()
        with torch.enable_grad():
            loss = 0.5 * ((theta - centers[w]) ** 2).sum()
        (gradient,) = torch.autograd.grad(loss, theta)
        shared = shared - lr * gradient
        local[w] = shared.detach().clone()
    return shared


def history_of_the_parameters(params, centers, schedule, lr):
    history = [params]
    pulled_at = [0] * len(centers)
    for k, w in enumerate(schedule.tolist(), start=1):
        history.append(history[-1] - lr * (history[pulled_at[w]] - centers[w]))
        pulled_at[w] = k
    return history[-1]


def numpy_arrays(params, centers, schedule, lr):
    theta, c = params.detach().cpu().numpy().copy(), centers.detach().cpu().numpy()
    local = [theta.copy() for _ in c]
    for w in schedule.cpu().numpy():
        theta = theta - lr * (local[w] - c[w])
        local[w] = theta
    return torch.from_numpy(theta).to(params)


def gradients_computed_while_waiting(params, centers, schedule, lr):
    # each worker's gradient is ready from its pull on, and only waits to be pushed
    theta = params
    ready = list(params.unsqueeze(0) - centers)
    for w in schedule.tolist():
        theta = torch.sub(theta, ready[w], alpha=lr)
        ready[w] = theta - centers[w]
    return theta
