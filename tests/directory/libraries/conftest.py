"""The people and entries of the resources' tests, and published entries of libraries."""

from tests.directory.resources.conftest import department, move, office, publish

__all__ = ["department", "move", "office", "publish"]
