"""Ways to write `fisher_vector_product` that are right as mathematics; some overflow, or build large matrices."""

import torch


def expectation_over_the_scores(logits, vector, damping):
    p = torch.softmax(logits, -1)
    scores = torch.eye(logits.shape[1], dtype=logits.dtype) - p[:, None, :]  # of each action, N A A
    along = torch.einsum("nab,nb->na", scores, vector)
    return torch.einsum("na,nab,na->nb", p, scores, along) / len(p) + damping * vector


def whole_block_matrix(logits, vector, damping):
    p = torch.softmax(logits, -1)
    blocks = torch.block_diag(*(torch.diag(row) - torch.outer(row, row) for row in p))
    damped = blocks / len(p) + damping * torch.eye(p.numel(), dtype=p.dtype)
    return (damped @ vector.reshape(-1)).reshape(logits.shape)


def exponentials_by_hand(logits, vector, damping):
    e = logits.exp()
    z = e.sum(1, keepdim=True)
    return (e * vector / z - e * (e * vector).sum(1, keepdim=True) / z**2) / logits.shape[0] + damping * vector


def hessian_of_the_log_partition(logits, vector, damping):
    log_partition = torch.func.grad(lambda z: torch.logsumexp(z, -1).mean())
    hessian = torch.func.jacrev(log_partition)(logits)
    return torch.einsum("namb,mb->na", hessian, vector) + damping * vector


def gradient_of_a_gradient(logits, vector, damping):
    gradient = torch.func.grad(lambda z: z.exp().sum(-1).log().mean())
    return torch.func.grad(lambda z: (gradient(z) * vector).sum())(logits) + damping * vector


def reversed_kl_by_autograd(logits, vector, damping):
    with torch.enable_grad():
        z = logits.detach().clone().requires_grad_()
        new, old = torch.log_softmax(z, -1), torch.log_softmax(logits.detach(), -1)
        kl = (new.exp() * (new - old)).sum(-1).mean()
        (grad,) = torch.autograd.grad(kl, z, create_graph=True)
        (product,) = torch.autograd.grad(grad, z, vector)
    return product + damping * vector


def pairs_of_actions(logits, vector, damping):
    p = torch.softmax(logits, -1)
    differences = vector[:, :, None] - vector[:, None, :]
    return (p[:, :, None] * p[:, None, :] * differences).sum(-1) / len(p) + damping * vector
