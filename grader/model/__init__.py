"""Immutable data that every other part speaks in: problems, cases, submissions, verdicts, reports."""
