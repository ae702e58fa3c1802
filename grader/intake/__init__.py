"""Reads submissions: a folder, `.py` file, notebook or archive becomes a Submission; nothing is executed."""

from __future__ import annotations

from grader.intake.names import Answers, find_answers, near_misses
from grader.intake.read import read_files, read_submission

__all__ = ["Answers", "find_answers", "near_misses", "read_files", "read_submission"]
