"""Pairs of answers that are suspiciously alike, for a person to look at; nothing here changes a grade."""

from __future__ import annotations

from grader.similarity.model import Likeness, Pair, Piece, Side
from grader.similarity.page import similarity_page
from grader.similarity.pairs import similar_pairs
from grader.similarity.table import similarity_csv
from grader.similarity.write import write_similarity

__all__ = [
    "Likeness",
    "Pair",
    "Piece",
    "Side",
    "similar_pairs",
    "similarity_csv",
    "similarity_page",
    "write_similarity",
]
