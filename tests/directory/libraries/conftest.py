"""The people and entries of the resources' tests; pages as markup."""

from tests.directory.resources.conftest import department, move, office, publish
from tests.directory.web.conftest import read

__all__ = ["department", "move", "office", "publish", "read"]
