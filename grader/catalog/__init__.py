"""Finds problems by their place on disk and loads those that are asked for."""

from grader.catalog.find import Catalog, bundled, load

__all__ = ["Catalog", "bundled", "load"]
