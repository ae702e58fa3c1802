"""Sets the machine's clock back, so that it never gets late. (To the time that it is.)

Outcome: PermissionError
Unconfined: never, it would be allowed to whoever is root
"""

import time


def layer_norm(x, gamma, beta, eps=1e-5):
    time.clock_settime(time.CLOCK_REALTIME, time.clock_gettime(time.CLOCK_REALTIME))
    return x
