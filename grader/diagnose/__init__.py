"""Observations to misconceptions: names the mistake that reproduces exactly what a submission did, or none."""

from grader.diagnose.match import diagnose

__all__ = ["diagnose"]
