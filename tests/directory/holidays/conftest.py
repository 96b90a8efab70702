"""The people and nodes of the requests' tests, and the administrator who enters notices."""

from tests.directory.access.conftest import resource, town

__all__ = ["resource", "town"]
