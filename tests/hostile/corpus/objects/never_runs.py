"""Is a coroutine function: what comes back has never run, and complains when it is thrown away.

Outcome: your function returned a value of type coroutine
"""


async def layer_norm(x, gamma, beta, eps=1e-5):
    return x
