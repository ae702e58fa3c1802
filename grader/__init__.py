"""Automated grading and verification of deep-RL and Transformer assignments."""

__version__ = "0.1.0"
