"""The town of the requests, with a province that provides and a city of it that asks back."""

from tests.directory.access.conftest import first_rows, office_resource, receipt, resource, town
from tests.directory.access.test_commands import run

__all__ = ["first_rows", "office_resource", "receipt", "resource", "run", "town"]
