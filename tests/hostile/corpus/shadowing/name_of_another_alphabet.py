"""It defines `layer_norm` twice: once in look-alike letters, and once as what normalises to it, over an honest text.

Outcome: should be
"""

LOOKALIKES = {"lаyer_norm": 1, "ｌayer_norm": 2}  # Cyrillic а, full-width ｌ
globals().update(LOOKALIKES)


def ｌayer_norm(x, gamma, beta, eps=1e-5):
    return x * 0 + 1


𝓵𝓪𝔂𝓮𝓻_norm = ｌayer_norm
