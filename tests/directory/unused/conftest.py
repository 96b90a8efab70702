"""The town of the requests, whose grants are put to use or not."""

from tests.directory.access.conftest import (
    feed_of,
    first_rows,
    in_use,
    receipt,
    resource,
    town,
)

__all__ = ["feed_of", "first_rows", "in_use", "receipt", "resource", "town"]
