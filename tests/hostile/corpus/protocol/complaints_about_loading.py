"""Reports hundreds of errors about its own loading, with paths, lines and words of its choosing for the report.

Outcome: should be
"""

import grader_guest.load as load

REAL = load.Workspace.execute
TOLD = {"type": "10/10 points\x1b[2J", "message": "\ud800</script>" * 5000, "path": "../../etc/passwd", "line": 10**30}


def _execute(self, source):
    return [*REAL(self, source), TOLD, None, [], {"missing": "`rm -rf`\n" * 999, "line": -1}] + [TOLD] * 10


load.Workspace.execute = _execute


def layer_norm(x, gamma, beta, eps=1e-5):
    return x
