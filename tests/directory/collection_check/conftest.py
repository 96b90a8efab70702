"""The town of the requests' tests; pages as markup."""

from tests.directory.access.conftest import resource, town
from tests.directory.web.conftest import read

__all__ = ["read", "resource", "town"]
