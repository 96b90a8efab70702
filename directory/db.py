"""Engine, session and column types. One request is one transaction, committed before its answer goes out."""

import select
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Annotated, Any, ClassVar, NoReturn, TypeVar

import psycopg2.errors
from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Connection, DateTime, Dialect, Engine, ExceptionContext, MetaData, Text, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from directory.errors import DirectoryError
from directory.limits import LIMITS
from metadata.record import Record

F = TypeVar("F", bound=Callable[..., object])

# What the triggers of migration 0025 raise.
_GUARDS = {"HT001": "ORGANISATION_CYCLE", "HT002": "ORGANISATION_CLOSED_NOW", "HT003": "REFORM_REQUIRED"}


# What those of migration 0034 check by the instant of a step, which people may reach without doing anything wrong.
_IN_FORCE = {"delegation_in_force": "DELEGATION_LAPSED"}


class Base(DeclarativeBase):
    """The base of every model; constraints get the names that the migrations spell out."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {str: Text(), datetime: DateTime(timezone=True)}


class RecordColumn(TypeDecorator[Record]):
    """A metadata record, stored whole as JSONB and read back as the same record."""

    impl = JSONB
    cache_ok = True

    def __init__(self, record_type: type[Record]) -> None:
        super().__init__()
        self.record_type = record_type

    def process_bind_param(self, value: Record | None, dialect: Dialect) -> Any:
        return None if value is None else value.model_dump(mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> Record | None:
        return None if value is None else self.record_type.model_validate(value)


def make_engine(url: str) -> Engine:
    """An engine with bounded waits, whose refusals are ours: ``BUSY``, ``DATABASE_AWAY``, ``TEXT_NOT_STORABLE``."""
    engine = create_engine(
        url,
        pool_size=10,
        max_overflow=20,
        pool_timeout=LIMITS.lock_wait_seconds,
        executemany_mode="values_plus_batch",  # rows that change together go in one message, not one each
        pool_use_lifo=True,  # plans live with a connection: those that have them are used first
        hide_parameters=True,  # values may be personal; they never reach a log through an error's text
        connect_args={
            "options": f"-c lock_timeout={LIMITS.lock_wait_seconds}s -c statement_timeout={LIMITS.statement_seconds}s"
            f" -c idle_in_transaction_session_timeout={LIMITS.idle_transaction_seconds}s -c timezone=UTC"
        },
    )
    event.listen(engine, "handle_error", _explain)
    event.listen(engine, "checkout", _refuse_ended)
    return engine


def _refuse_ended(connection: Any, record: object, proxy: object) -> None:
    """A connection that the server ended has that to read, so it is told from a live one without a round trip."""
    waiting = select.poll()
    try:
        waiting.register(connection.fileno(), select.POLLIN)
    except psycopg2.InterfaceError as error:  # closed at our end
        raise DisconnectionError from error
    if waiting.poll(0):
        raise DisconnectionError


def _explain(context: ExceptionContext) -> None:
    refuse(context.original_exception)


def refuse(error: BaseException) -> None:
    """Raise our refusal for what the driver said, where there is one."""
    if isinstance(error, psycopg2.errors.LockNotAvailable | psycopg2.errors.QueryCanceled):
        _raise("BUSY")
    if isinstance(error, psycopg2.errors.DeadlockDetected | psycopg2.errors.SerializationFailure):
        _raise("BUSY")
    if getattr(error, "pgcode", None) in _GUARDS:
        _raise(_GUARDS[error.pgcode])  # type: ignore[attr-defined]
    if isinstance(error, psycopg2.errors.CheckViolation) and error.diag.constraint_name in _IN_FORCE:
        _raise(_IN_FORCE[error.diag.constraint_name])
    if isinstance(error, psycopg2.errors.UntranslatableCharacter):
        _raise("TEXT_NOT_STORABLE")
    if isinstance(error, ValueError) and "NUL" in str(error):  # psycopg2 refuses U+0000 before sending
        _raise("TEXT_NOT_STORABLE")
    if isinstance(error, psycopg2.OperationalError):
        _raise("DATABASE_AWAY")


def _raise(code: str) -> NoReturn:
    raise DirectoryError(code) from None


def only_reads(endpoint: F) -> F:
    """Mark an endpoint whose statements need no common transaction: each is its own, which saves two round trips."""
    endpoint.only_reads = True  # type: ignore[attr-defined]
    return endpoint


def reading_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions of endpoints marked ``only_reads``: connections of the same pool, in autocommit while they are lent."""
    sessions = sessionmaker(engine)
    event.listen(sessions, "after_begin", _commit_each)
    event.listen(engine, "checkin", _commit_together)
    return sessions


def _commit_each(session: Session, transaction: object, connection: Connection) -> None:
    _driver_of(connection).autocommit = True  # the driver's own switch: nothing is sent


def _driver_of(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


def _commit_together(connection: Any, record: object) -> None:
    if connection is not None and not connection.closed and connection.autocommit:
        connection.autocommit = False


async def session(request: Request) -> AsyncIterator[Session]:
    """The request's transaction: committed on leaving, before the answer goes out; rolled back by any exception.

    Beginning waits for nothing: the first statement takes a connection. Only the end is for a thread.
    """
    state = request.app.state
    is_reading = getattr(request.scope.get("endpoint"), "only_reads", False)
    session: Session = state.reading_sessions() if is_reading else state.sessions()
    try:
        request.state.session = session  # for the head of every page
        yield session
        if not is_reading:
            await run_in_threadpool(session.commit)
    finally:
        request.state.session = None
        session.close()  # gives the connection back; after an exception it rolls back


DbSession = Annotated[Session, Depends(session, scope="function")]
