"""The two departments of the requests' tests, with granted routes that nodes then speak of."""

from tests.directory.access.conftest import conditional, mount, resource, town

__all__ = ["conditional", "mount", "resource", "town"]
