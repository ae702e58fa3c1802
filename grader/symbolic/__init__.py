"""Op graphs and printed formulas as SymPy expressions: proved equal, refuted by a counterexample, or undecided."""
