"""The people of a department and the office, as the tests of entries have them."""

from tests.directory.resources.conftest import Department, Office, department, move, office, publish

__all__ = ["Department", "Office", "department", "move", "office", "publish"]
