"""Returns a result with more dimensions than most operations of PyTorch take.

Outcome: more than 64 dimensions
"""


def layer_norm(x, gamma, beta, eps=1e-5):
    return x.reshape(*[1] * 100, *x.shape)
