"""What doesn't depend on the student is done once: traces of functions of ours, and claims that were decided before.

Two right answers often carry out the same operations. Then the claim about them is the same to the last number, since
all students of a class get the same cases.
"""

from __future__ import annotations

import hashlib
import pickle
import time
from collections import defaultdict
from collections.abc import Hashable

from cachetools import LRUCache

from grader.batch.job import Share
from grader.compare.remembering import fingerprint
from grader.grading import Ask
from grader.model.exchange import Answer, Request, Trace
from grader.model.formula import Claim
from grader.model.proof import Judged, Undecided

CLAIMS = 20_000
TRACES = 5_000


class Remembering:
    """Stands between the checks and what carries out their requests; lives as long as the worker."""

    def __init__(self) -> None:
        """It remembers nothing yet."""
        self._claims: LRUCache[bytes, Judged] = LRUCache(CLAIMS)
        self._traces: LRUCache[Hashable, Answer] = LRUCache(TRACES)
        self.seconds: defaultdict[Share, float] = defaultdict(float)
        """That requests took, since the last job began."""

    def through(self, ask: Ask) -> Ask:
        """Carries requests out by `ask`, unless the answer is known."""

        def remembered(request: Request) -> Answer:
            started = time.perf_counter()
            share = Share.SANDBOX
            try:
                if isinstance(request, Claim):
                    share = Share.SYMBOLIC
                    return self._decided(request, ask)
                if isinstance(request, Trace) and request.own is not None:
                    share = Share.ORACLE
                    return self._traced(request, ask)
                return ask(request)
            finally:
                self.seconds[share] += time.perf_counter() - started

        return remembered

    def _decided(self, claim: Claim, ask: Ask) -> Answer:
        key = hashlib.sha256(pickle.dumps(claim)).digest()
        known = self._claims.get(key)
        if known is not None:
            return known
        judged = ask(claim)
        if isinstance(judged, Judged) and not isinstance(judged.decision, Undecided):  # for want of time, perhaps
            self._claims[key] = judged
        return judged

    def _traced(self, trace: Trace, ask: Ask) -> Answer:
        key = (trace.own, trace.symbolic, trace.differentiate, trace.results, fingerprint(trace.case.inputs))
        known = self._traces.get(key)
        if known is None:
            known = self._traces[key] = ask(trace)
        return known
