"""Renderers: a `Report` to text for a terminal, JSON, JUnit or Markdown. They lay out what was decided before."""
