"""Ways to write `natural_gradient_step` that are right as mathematics; some lose digits where F is ill-conditioned."""

import torch


def root_of_a_quotient(gradient, fisher, max_kl):
    natural = torch.linalg.inv(fisher).mv(gradient)
    return natural * torch.rsqrt(gradient.dot(natural) / (2 * max_kl))


def quotient_of_roots(gradient, fisher, max_kl):
    natural = torch.linalg.solve(fisher, gradient)
    return (2 * max_kl) ** 0.5 * natural / torch.einsum("i,i->", gradient, natural).sqrt()


def logarithm_of_the_length(gradient, fisher, max_kl):
    natural = torch.linalg.solve(fisher, gradient)
    return torch.exp(0.5 * torch.log(2 * max_kl / (natural @ fisher @ natural))) * natural


def plain_gradient_in_whitened_parameters(gradient, fisher, max_kl):
    # for w = Lᵀθ with F = L Lᵀ the Fisher information is the identity
    whitening = torch.linalg.inv(torch.linalg.cholesky(fisher))
    white = whitening @ gradient
    return whitening.T @ ((2 * max_kl) ** 0.5 * white / white.norm())


def adjugate_and_determinant(gradient, fisher, max_kl):
    determinant = torch.linalg.det(fisher)
    direction = determinant * torch.linalg.inv(fisher) @ gradient
    return torch.sqrt(2 * max_kl / determinant / (gradient @ direction)) * direction


def normalised_first(gradient, fisher, max_kl):
    g = gradient / torch.linalg.vector_norm(gradient)
    natural = torch.linalg.solve(fisher, g)
    return (2 * max_kl / (g @ natural)).sqrt() * natural


def cholesky_solve(gradient, fisher, max_kl):
    factor = torch.linalg.cholesky(fisher)
    natural = torch.cholesky_solve(gradient[:, None], factor)[:, 0]
    return torch.sqrt(2 * max_kl / (gradient * natural).sum()) * natural
