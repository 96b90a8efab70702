"""A short, read-only look into a database, bounded in time whatever state it is in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from exchange import watched
from exchange.department import libpq_url
from exchange.limits import LIMITS
from exchange.watched import Bounds


@contextmanager
def looked_into(url: str) -> Iterator[Any]:
    """A cursor of a read-only transaction that is rolled back. Raises psycopg2's errors, for the run to word."""
    connection = watched.connect(
        libpq_url(url),
        Bounds(seconds=LIMITS.doctor_statement_seconds + LIMITS.connect_seconds),
        connect_timeout=int(LIMITS.connect_seconds),
        application_name="hutong doctor",
        options="-c search_path=pg_catalog -c client_encoding=UTF8"
        f" -c lock_timeout={LIMITS.doctor_statement_seconds * 1000}"
        f" -c statement_timeout={LIMITS.doctor_statement_seconds * 1000}",
        tcp_user_timeout=10_000,
    )
    try:
        connection.set_session(readonly=True)
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
