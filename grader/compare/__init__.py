"""Tensors to evidence: what a right answer may deviate by, and where a given answer deviates more."""
