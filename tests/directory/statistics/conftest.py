"""The town of the requests' tests, and entries of one department moved on given days."""

from tests.directory.access.conftest import first_rows, in_use, receipt, resource, town
from tests.directory.duties.conftest import autumn
from tests.directory.resources.conftest import department, move, office, publish
from tests.directory.web.conftest import read

__all__ = [
    "autumn",
    "department",
    "first_rows",
    "in_use",
    "move",
    "office",
    "publish",
    "read",
    "receipt",
    "resource",
    "town",
]
