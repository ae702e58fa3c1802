"""Never gets done with destroying an object: the call returns, and the answer doesn't.

Outcome: took longer than|did not return within
"""


class Kept:
    def __del__(self):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                continue


def layer_norm(x, gamma, beta, eps=1e-5):
    kept = Kept()
    return x
