"""When a result is out of date: the key of a problem names everything but the submission that its result depends on."""

from __future__ import annotations

import hashlib
import json

from grader.assignment.model import Assignment
from grader.batch.job import Terms
from grader.catalog.find import Place
from grader.catalog.fingerprint import fingerprint_of


def keys_of(places: tuple[Place, ...], assignment: Assignment, terms: Terms) -> dict[str, str]:
    """For every problem by name, a hash of its content, the grader's, what the assignment says of it, and the terms."""
    return {place.id: _key(place, assignment, terms) for place in places}


def _key(place: Place, assignment: Assignment, terms: Terms) -> str:
    override = assignment.override(place.id)
    limits = assignment.limits
    parts = {
        "problem": fingerprint_of(place.path),
        "name": place.id,
        "points": override.points,
        "forbidden": sorted(override.forbidden),
        "forbidden_points": override.forbidden_points,
        "hidden": [] if terms.final else sorted(assignment.hidden_in(place.id)),
        "timeout": limits.timeout if terms.timeout is None else terms.timeout,
        "training": limits.training,
        "memory": limits.memory,
        "device": assignment.device if terms.device is None else terms.device,
        "seed": terms.seed,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
