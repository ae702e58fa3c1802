"""A class's submissions as they come out of a course's system: who handed in what, and when."""

from __future__ import annotations

from grader.classroom.handed_in import content_hash, read_entry
from grader.classroom.read import read_class

__all__ = ["content_hash", "read_class", "read_entry"]
