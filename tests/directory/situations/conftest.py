"""The town of the requests, where something is found wrong."""

from tests.directory.access.conftest import feed_of, first_rows, in_use, receipt, resource, town
from tests.directory.access.test_commands import run

__all__ = ["feed_of", "first_rows", "in_use", "receipt", "resource", "run", "town"]
