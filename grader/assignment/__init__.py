"""Assignments: `assignment.toml` (`source`, `read`) says which problems count how much (`model`, `choose`, `apply`)."""
