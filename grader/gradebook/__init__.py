"""The gradebook: submissions, what grading them showed, what people changed, and what happened when."""
