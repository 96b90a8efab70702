"""The town of the requests, whose people record what they do with what they were given."""

from tests.directory.access.conftest import (
    feed_of,
    first_rows,
    in_use,
    receipt,
    resource,
    town,
)

__all__ = ["feed_of", "first_rows", "in_use", "receipt", "resource", "town"]
