"""The town of the requests, whose provider says which rows may be asked for; its people on the command line."""

from tests.directory.access.conftest import first_rows, receipt, town
from tests.directory.access.test_commands import run

__all__ = ["first_rows", "receipt", "run", "town"]
