"""The two departments of the requests' tests, and a comparison of a granted route as both ends sign it."""

from tests.directory.access.conftest import conditional, mount, resource, town

__all__ = ["conditional", "mount", "resource", "town"]
