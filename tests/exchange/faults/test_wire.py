"""The wire that breaks on purpose breaks where it was told to; a fault elsewhere would be a finding about nothing."""

from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, text

from tests.sim.wire import wired


@pytest.mark.parametrize("ending", ["commit", "rollback"])
def test_it_waits_for_the_transaction_and_not_for_the_connection(new_database: Callable[[], str], ending: str) -> None:
    """Pooled connections are used again: what one sent in an earlier transaction is not this one's."""
    with wired(new_database()) as wire:
        engine = create_engine(wire.url, pool_size=1, max_overflow=0)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE letter (name text)"))
        with engine.connect() as connection:
            connection.execute(text("INSERT INTO letter VALUES ('a')"))
            getattr(connection, ending)()
        wire.at_commit(b"INSERT INTO letter", lambda carried: None)
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM letter"))
        assert not wire.fired.is_set()
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO letter VALUES ('b')"))
        assert wire.fired.wait(10)
        engine.dispose()
