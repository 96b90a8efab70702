"""Statements planned once for a connection: known to it until it ends, and refused as any other statement is."""

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, Integer, bindparam, cast, select, text
from sqlalchemy.orm import Session

from directory.errors import DirectoryError
from directory.statements.prepared import Prepared, array_of

SUMS = Prepared(
    "test_sums",
    select(cast(bindparam("one"), Integer) + cast(bindparam("two"), Integer), cast(bindparam("seven", 7), Integer)),
)
PID = Prepared("test_pid", "SELECT pg_backend_pid()")


def test_values_come_by_name_and_constants_by_themselves(engine: Engine) -> None:
    with Session(engine) as session:
        assert SUMS.rows(session, two=30, one=1) == [(31, 7)]
        assert SUMS.rows(session, one=2, two=5) == [(7, 7)]


def test_a_connection_keeps_its_plans_also_after_a_rollback(engine: Engine) -> None:
    for _ in range(2):
        with Session(engine) as session:
            PID.rows(session)
            assert [row[0] for row in session.execute(text("SELECT name FROM pg_prepared_statements"))] == ["test_pid"]
            session.rollback()


def test_another_connection_plans_for_itself(engine: Engine) -> None:
    with Session(engine) as one, Session(engine) as other:
        assert PID.rows(one) != PID.rows(other)


def test_a_connection_ended_while_it_is_lent_is_refused_and_then_replaced(
    engine: Engine, directory_app: FastAPI
) -> None:
    with Session(engine) as session:
        ((pid,),) = PID.rows(session)
        with directory_app.state.engine.begin() as other:
            assert other.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        with pytest.raises(DirectoryError) as refused:
            PID.rows(session)
        assert refused.value.code == "DATABASE_AWAY"
        session.rollback()
        assert PID.rows(session) != [(pid,)]


def test_a_connection_that_lost_a_plan_is_not_lent_again(engine: Engine) -> None:
    with Session(engine) as session:
        before = PID.rows(session)
        session.execute(text("DEALLOCATE test_pid"))
        with pytest.raises(DirectoryError) as refused:
            PID.rows(session)
        assert refused.value.is_transient
        session.rollback()
        assert PID.rows(session) != before


def test_a_plan_whose_columns_have_changed_is_refused_as_away_and_made_anew(engine: Engine) -> None:
    shaped = Prepared("test_shape", "SELECT * FROM (SELECT * FROM pg_temp.test_shape) s")
    with Session(engine) as session:
        session.execute(text("CREATE TEMPORARY TABLE test_shape (one integer)"))
        shaped.rows(session)
        session.execute(text("ALTER TABLE test_shape ALTER one TYPE text"))
        before = session.connection().connection.dbapi_connection
        with pytest.raises(DirectoryError) as refused:
            shaped.rows(session)
        assert refused.value.code == "DATABASE_AWAY"
        session.rollback()
        assert session.connection().connection.dbapi_connection is not before


def test_what_takes_too_long_is_busy(engine: Engine) -> None:
    sleeping = Prepared("test_sleep", "SELECT pg_sleep($1)", "seconds")
    with Session(engine) as session:
        session.execute(text("SET LOCAL statement_timeout = '50ms'"))
        with pytest.raises(DirectoryError) as refused:
            sleeping.rows(session, seconds=20)
        assert refused.value.code == "BUSY"


def test_an_array_is_written_as_postgresql_reads_it(engine: Engine) -> None:
    asked = Prepared("test_array", "SELECT unnest(CAST($1 AS integer[]))", "numbers")
    with Session(engine) as session:
        assert asked.rows(session, numbers=array_of([3, 1])) == [(3,), (1,)]
        assert asked.rows(session, numbers=array_of([])) == []
