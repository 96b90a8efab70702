"""The department's database, source and target: connections with limits, and its errors in our codes, without
values.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import psycopg2
from psycopg2 import errorcodes, extensions
from sqlalchemy.engine import make_url

from exchange import watched
from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.watched import Bounds, Cut

End = Literal["source", "target"]

# SQLSTATE, or its class in two digits -> what it means at either end, or at the target only.
_MEANING = {
    "": "DOWN",
    "08": "DOWN",
    errorcodes.ADMIN_SHUTDOWN: "DOWN",
    errorcodes.CRASH_SHUTDOWN: "DOWN",
    errorcodes.CANNOT_CONNECT_NOW: "DOWN",
    errorcodes.IDLE_IN_TRANSACTION_SESSION_TIMEOUT: "DOWN",
    errorcodes.LOCK_NOT_AVAILABLE: "LOCKED",
    errorcodes.QUERY_CANCELED: "LOCKED",
    errorcodes.DEADLOCK_DETECTED: "LOCKED",
    errorcodes.SERIALIZATION_FAILURE: "LOCKED",
    errorcodes.INSUFFICIENT_PRIVILEGE: "DENIED",
    errorcodes.UNDEFINED_TABLE: "DRIFT",
    errorcodes.UNDEFINED_COLUMN: "DRIFT",
    errorcodes.INVALID_SCHEMA_NAME: "DRIFT",
}
_TARGET_MEANING = {
    errorcodes.DISK_FULL: "FULL",
    errorcodes.OUT_OF_MEMORY: "FULL",
    errorcodes.UNIQUE_VIOLATION: "CONSTRAINT",
    errorcodes.NOT_NULL_VIOLATION: "CONSTRAINT",
    "23": "BLOCKED",
}

# Both ends spell values alike; the search path is fixed so that nothing in a department's schema shadows what we call.
_OPTIONS = (
    "-c search_path=pg_catalog,public -c datestyle=ISO,YMD -c intervalstyle=postgres -c extra_float_digits=1"
    " -c timezone=UTC -c client_encoding=UTF8"
    f" -c lock_timeout={int(LIMITS.lock_wait_seconds * 1000)}"
)

# What Python raises over an answer that is not what was asked for: another type, no row, a column too few.
_NONSENSE = (ValueError, TypeError, LookupError, ArithmeticError)

_BOUNDS: dict[str, Bounds] = {}


def bound(url: str, bounds: Bounds) -> None:
    """From now on every call to the server at this address has these bounds; ``node.toml`` says which."""
    _BOUNDS[url] = bounds


def libpq_url(url: str) -> str:
    """The address as libpq takes it, without SQLAlchemy's driver name."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def connect(
    url: str, end: End, table: str = "", *, idle_seconds: float = LIMITS.idle_transaction_seconds
) -> Iterator[Any]:
    """A psycopg2 connection, rolled back and closed on leaving; commit is the caller's. Errors come out translated.

    An honest server ends a statement by itself, after ``Bounds.seconds``; any other is cut off shortly after that.

    The target ends a session that idles in its transaction for ``idle_seconds``. A source has none of our locks.
    """
    idle = f" -c idle_in_transaction_session_timeout={int(idle_seconds * 1000)}" if end == "target" else ""
    bounds = _BOUNDS.get(url, Bounds())
    with faults(end, table):
        connection: extensions.connection = watched.connect(
            libpq_url(url),
            bounds._replace(seconds=1.1 * bounds.seconds + 1.0),
            connect_timeout=int(LIMITS.connect_seconds),
            application_name="hutong",
            options=f"{_OPTIONS} -c statement_timeout={int(bounds.seconds * 1000)}{idle}",
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
            tcp_user_timeout=60_000,
        )
        try:
            yield connection
        except _NONSENSE:  # it may quote what was sent
            raise ExchangeError(f"{end.upper()}_ANSWER", table=table) from None
        finally:
            connection.close()


def give_memory(cursor: Any) -> None:
    """As much for joining as ``LIMITS`` has it, or what the server gives by itself where that is more, until the
    transaction ends. With PostgreSQL's default every join of two large tables goes by way of the disk.
    """
    cursor.execute(
        "SELECT set_config('work_mem', %s, true) WHERE pg_size_bytes(current_setting('work_mem')) < %s",
        (f"{LIMITS.merge_bytes // 1024}kB", LIMITS.merge_bytes),
    )


@contextmanager
def faults(end: End, table: str = "") -> Iterator[None]:
    """psycopg2's errors as ours: what waits, what a person must mend, what condemns a batch. Never the server's
    text.
    """
    try:
        yield
    except psycopg2.Error as error:
        raise _explain(error, end, table) from None


def _explain(error: psycopg2.Error, end: End, table: str) -> ExchangeError:
    code = error.pgcode or ""
    meanings = _MEANING if end == "source" else _MEANING | _TARGET_MEANING
    meaning = meanings.get(code) or meanings.get(code[:2]) or "FAILED"
    if isinstance(error, Cut):
        meaning = error.why
    elif not code and isinstance(error, (psycopg2.ProgrammingError, psycopg2.DataError)):  # raised on this side
        meaning = "ANSWER"
    return ExchangeError(
        f"{end.upper()}_{meaning}",
        table=table,
        sqlstate=code,
        what=f"表或列不存在（SQLSTATE {code}）",
        what_en=f"there is no such table or column (SQLSTATE {code})",
    )
