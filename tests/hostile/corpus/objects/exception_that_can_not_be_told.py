"""Raises an exception of which every attribute and every text raises, or is endless, or no text at all.

Outcome: its message can't be shown
"""


class Meta(type):
    @property
    def __name__(cls):
        raise RuntimeError


class Text(str):
    def __getitem__(self, key):
        return self

    def __contains__(self, part):
        raise SystemExit("pwned")


class Untold(OSError, metaclass=Meta):
    @property
    def errno(self):
        raise KeyboardInterrupt

    filename = args = errno

    @property
    def __traceback__(self):
        return Endless()

    @__traceback__.setter
    def __traceback__(self, value):
        pass

    def __str__(self):
        return Text("x" * 2000)

    __repr__ = __str__


class Endless:
    tb_lineno = 1
    tb_frame = property(lambda self: self)
    tb_next = property(lambda self: Endless())


def layer_norm(x, gamma, beta, eps=1e-5):
    raise Untold
