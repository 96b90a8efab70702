"""The sequencer dies wherever it stands, and what the log says of its growth is what a witness can compute."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, select, text

from directory.audit.growth import growth
from directory.audit.models import AuditLog
from directory.audit.queries import verify_live
from directory.audit.record import record
from directory.errors import DirectoryError
from exchange.errors import ExchangeError
from exchange.peers.witness import Seen
from metadata.log_growth import LOG_GROWTH, LogGrowth
from metadata.signed import Signed
from tests.directory.audit.test_verify import sequenced


def grow(app: Any, count: int) -> None:
    with app.state.sessions.begin() as session:
        for number in range(count):
            record(session, "cli", "resource:register", f"grown{number}")
    sequenced(app)


@pytest.mark.parametrize("statement", ["INSERT INTO audit_log", "INSERT INTO audit_checkpoint"])
def test_f55_the_sequencer_dies_between_move_and_checkpoint(directory_app: Any, statement: str) -> None:
    """S12: its session is killed once rows have left the queue, once they stand in the log: no gap, no index twice."""
    app, engine = directory_app, directory_app.state.engine
    grow(app, 2)
    with app.state.sessions.begin() as session:
        for number in range(5):
            record(session, "cli", "resource:register", f"kept{number}")

    def kill(connection: Any, cursor: Any, said: str, *_: Any) -> None:
        if said.startswith(statement):
            pid = cursor.connection.info.backend_pid
            with engine.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})

    event.listen(engine, "before_cursor_execute", kill)
    try:
        with pytest.raises(DirectoryError, match="DATABASE_AWAY"):
            sequenced(app)
    finally:
        event.remove(engine, "before_cursor_execute", kill)
    with app.state.sessions() as session:
        before = len(session.scalars(select(AuditLog.idx)).all())
    assert sequenced(app) == 5
    with app.state.sessions() as session:
        rows = session.execute(select(AuditLog.idx, AuditLog.subject).order_by(AuditLog.idx)).all()
        assert [idx for idx, _ in rows] == list(range(before + 5))
        assert [subject for _, subject in rows[-5:]] == [f"kept{number}" for number in range(5)]
        assert verify_live(session, app.state.log_key.verifying).is_verified


def test_a_node_follows_the_log(directory_app: Any, new_node: Callable[..., Any]) -> None:
    node, key = new_node("witness"), directory_app.state.directory_key

    def asked(after: int | None) -> LogGrowth:
        path = "/api/v1/audit/growth" + ("" if after is None else f"?after={after}")
        signed = Signed.from_bytes(node.call("GET", path).content)
        return signed.open(LOG_GROWTH, LogGrowth, {key.key_id: key.verifying}.get)

    grow(directory_app, 1)
    seen = Seen().then(asked(None))
    assert seen.then(asked(seen.frontier.size)) is seen
    for count in (1, 7):
        grow(directory_app, count)
        seen = seen.then(asked(seen.frontier.size))
    with directory_app.state.sessions() as session:
        verdict = verify_live(session, directory_app.state.log_key.verifying)
    assert (seen.frontier.size, seen.frontier.root().hex()) == (verdict.size, verdict.root)

    more = asked(seen.frontier.size + 3)  # to who has seen more: less, and nothing beside
    assert more.hashes == ()
    with pytest.raises(ExchangeError, match="LOG_ROLLBACK"):
        Seen(seen.public, seen.frontier.extend([bytes(32)] * 3)).then(more)
    assert node.call("GET", "/api/v1/audit/growth?after=-1").status_code == 422
    assert node.client.get("/api/v1/audit/growth").status_code == 401


def test_much_growth_comes_in_parts_that_end_at_checkpoints(directory_app: Any) -> None:
    key, sizes = directory_app.state.log_key.verifying, []
    grow(directory_app, 1)
    with directory_app.state.sessions() as session:
        seen = begun = Seen().then(growth(session, key, None))
    for count in (2, 3, 9, 1):
        grow(directory_app, count)
    with directory_app.state.sessions() as session:
        for _ in range(4):
            seen = seen.then(growth(session, key, seen.frontier.size, most_count=5))
            sizes.append(seen.frontier.size - begun.frontier.size)
    assert sizes == [5, 14, 15, 15]  # what one checkpoint added at once is not parted
