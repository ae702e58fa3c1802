"""Finds problems by their place on disk (`find`, which imports nothing) and loads those asked for (`load`)."""
