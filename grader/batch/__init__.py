"""A class graded in one go: planned, spread over workers, recorded as it is made, resumed where it was broken off."""
