"""Straight into a department's or a node's database, as that database's own role."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from sqlalchemy.engine import make_url


@contextmanager
def connected(url: str) -> Iterator["psycopg2.extensions.connection"]:
    """A connection to a SQLAlchemy address, committed when the block ends well and closed in any case."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg2.connect(plain)
    try:
        with connection:
            yield connection
    finally:
        connection.close()
