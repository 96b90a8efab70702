"""Connections: those that the server ended are not handed out, and those lent for reading come back as they were."""

from fastapi import FastAPI
from sqlalchemy import Engine, text


def test_a_connection_that_the_server_ended_is_replaced_before_anybody_gets_it(
    engine: Engine, directory_app: FastAPI
) -> None:
    pid = _pid(engine)
    assert _pid(engine) == pid  # the same one is lent again
    with directory_app.state.engine.begin() as other:  # as the same role, which may end its own
        assert other.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    assert _pid(engine) != pid


def test_a_connection_closed_at_our_end_is_replaced(engine: Engine) -> None:
    with engine.connect() as connection:
        driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.close()
    assert _pid(engine)


def test_statements_of_an_endpoint_that_only_reads_are_transactions_of_their_own(directory_app: FastAPI) -> None:
    state = directory_app.state
    with state.reading_sessions() as reading:
        driver = reading.connection().connection.dbapi_connection
        first, second = (reading.scalar(text("SELECT pg_current_xact_id()::text")) for _ in range(2))
        assert (driver.autocommit, first != second) == (True, True)
    assert not driver.autocommit
    with state.sessions() as session:
        first, second = (session.scalar(text("SELECT pg_current_xact_id()::text")) for _ in range(2))
    assert first == second


def _pid(engine: Engine) -> int:
    with engine.connect() as connection:
        found: int = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        return found
