"""Engine, session and column types. One request is one transaction, committed before its answer goes out."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, ClassVar, NoReturn

import psycopg2.errors
from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import DateTime, Dialect, Engine, ExceptionContext, MetaData, Text, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from directory.errors import DirectoryError
from directory.limits import LIMITS
from metadata.record import Record


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
        pool_pre_ping=True,
        hide_parameters=True,  # values may be personal; they never reach a log through an error's text
        connect_args={
            "options": f"-c lock_timeout={LIMITS.lock_wait_seconds}s -c statement_timeout={LIMITS.statement_seconds}s"
            f" -c idle_in_transaction_session_timeout={LIMITS.idle_transaction_seconds}s -c timezone=UTC"
        },
    )
    event.listen(engine, "handle_error", _explain)
    return engine


def _explain(context: ExceptionContext) -> None:
    error = context.original_exception
    if isinstance(error, psycopg2.errors.LockNotAvailable | psycopg2.errors.QueryCanceled):
        _raise("BUSY")
    if isinstance(error, psycopg2.errors.DeadlockDetected | psycopg2.errors.SerializationFailure):
        _raise("BUSY")
    if isinstance(error, psycopg2.errors.UntranslatableCharacter):
        _raise("TEXT_NOT_STORABLE")
    if isinstance(error, ValueError) and "NUL" in str(error):  # psycopg2 refuses U+0000 before sending
        _raise("TEXT_NOT_STORABLE")
    if isinstance(error, psycopg2.OperationalError) and not context.is_pre_ping:
        _raise("DATABASE_AWAY")


def _raise(code: str) -> NoReturn:
    raise DirectoryError(code) from None


async def session(request: Request) -> AsyncIterator[Session]:
    """The request's transaction: committed on leaving, before the answer goes out; rolled back by any exception.

    Beginning waits for nothing: the first statement takes a connection. Only the end is for a thread.
    """
    session: Session = request.app.state.sessions()
    try:
        yield session
        await run_in_threadpool(session.commit)
    finally:
        session.close()  # gives the connection back; after an exception it rolls back


DbSession = Annotated[Session, Depends(session, scope="function")]
