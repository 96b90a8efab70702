"""The log: sequenced in commit order, verified offline, and every way of altering it noticed."""

import json
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.engine import create_engine
from sqlalchemy.exc import ProgrammingError

from directory.audit.evidence import verify_evidence, write_evidence
from directory.audit.models import AuditLog, AuditOut
from directory.audit.queries import checkpoints, log_bytes, verify_live
from directory.audit.record import accept, record
from directory.audit.sequence import sequence
from directory.audit.verify import verify
from directory.errors import DirectoryError
from metadata.audit import AuditEntry
from metadata.transparency import Frontier, leaf_hash, log_origin, sign_checkpoint
from standards.crypto import SigningKey

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
KEY = SigningKey.generate()
ORIGIN = log_origin(KEY.verifying)


def entry(number: int) -> bytes:
    return AuditEntry(
        event_id=f"00000000-0000-0000-0000-{number:012d}",
        at=NOW,
        producer="directory",
        actor="张三",
        action="resource:register",
        subject=f"目录{number}",
    ).to_bytes()


def log_of(sizes: Sequence[int]) -> tuple[list[bytes], list[str]]:
    entries = [entry(number) for number in range(sizes[-1])]
    notes = []
    for size in sizes:
        root = Frontier().extend(leaf_hash(each) for each in entries[:size]).root()
        notes.append(sign_checkpoint(ORIGIN, size, root, KEY))
    return entries, notes


def test_an_unaltered_log_is_verified() -> None:
    entries, notes = log_of([1, 4, 9])
    verdict = verify(entries, notes, KEY.verifying)
    assert (verdict.is_verified, verdict.size, verdict.problem) == (True, 9, "")
    assert verify([], [], KEY.verifying).is_verified


def flip_a_byte(entries: list[bytes], notes: list[str]) -> None:
    entries[5] = entries[5].replace("目录5".encode(), "目录6".encode())


def swap_two(entries: list[bytes], notes: list[str]) -> None:
    entries[2], entries[3] = entries[3], entries[2]


def drop_one(entries: list[bytes], notes: list[str]) -> None:
    del entries[7]


def drop_the_last(entries: list[bytes], notes: list[str]) -> None:
    del entries[-1]


def add_one(entries: list[bytes], notes: list[str]) -> None:
    entries.append(entry(99))


def insert_one(entries: list[bytes], notes: list[str]) -> None:
    entries.insert(3, entry(99))


def repeat_one(entries: list[bytes], notes: list[str]) -> None:
    entries.insert(3, entries[3])


def drop_all_checkpoints(entries: list[bytes], notes: list[str]) -> None:
    notes.clear()


def drop_the_last_checkpoint(entries: list[bytes], notes: list[str]) -> None:
    notes.pop()


def swap_checkpoints(entries: list[bytes], notes: list[str]) -> None:
    notes.reverse()


def sign_by_another(entries: list[bytes], notes: list[str]) -> None:
    root = Frontier().extend(leaf_hash(each) for each in entries).root()
    notes[-1] = sign_checkpoint(ORIGIN, len(entries), root, SigningKey.generate())


def truncate_everything(entries: list[bytes], notes: list[str]) -> None:
    entries.clear()


@pytest.mark.parametrize(
    "alter",
    [
        flip_a_byte,
        swap_two,
        drop_one,
        drop_the_last,
        add_one,
        insert_one,
        repeat_one,
        drop_all_checkpoints,
        drop_the_last_checkpoint,
        swap_checkpoints,
        sign_by_another,
        truncate_everything,
    ],
)
def test_every_alteration_is_noticed(alter: Callable[[list[bytes], list[str]], None]) -> None:
    entries, notes = log_of([1, 4, 9])
    alter(entries, notes)
    verdict = verify(entries, notes, KEY.verifying)
    assert not verdict.is_verified
    assert verdict.problem


def test_evidence_is_verified_without_a_database(tmp_path: Path) -> None:
    entries, notes = log_of([2, 5])
    assert write_evidence(tmp_path, entries, notes, KEY.verifying) == 5
    assert verify_evidence(tmp_path, KEY.verifying.key_id).is_verified
    assert not verify_evidence(tmp_path, "0" * 32).is_verified
    lines = (tmp_path / "entries.jsonl").read_text().splitlines()
    (tmp_path / "entries.jsonl").write_text("\n".join([*lines[:3], lines[4], lines[3]]) + "\n")
    assert not verify_evidence(tmp_path).is_verified
    (tmp_path / "entries.jsonl").write_text(json.dumps({"no": "text"}) + "\n")
    with pytest.raises(DirectoryError, match="EVIDENCE_UNREADABLE"):
        verify_evidence(tmp_path)


def sequenced(app: Any) -> int:
    with app.state.sessions.begin() as session:
        key = app.state.log_key
        return sequence(session, key, log_origin(key.verifying), datetime.now(UTC))


def test_queue_to_log(directory_app: Any) -> None:
    app = directory_app
    sequenced(app)
    with app.state.sessions.begin() as session:
        for number in range(5):
            record(session, "cli", "resource:register", f"r{number}")
    with app.state.sessions() as session:  # rolled back: leaves nothing
        record(session, "cli", "resource:register", "never")
    assert sequenced(app) == 5
    assert sequenced(app) == 0
    with app.state.sessions() as session:
        subjects = session.scalars(select(AuditLog.subject).order_by(AuditLog.idx)).all()
        assert subjects[-5:] == [f"r{number}" for number in range(5)]
        assert session.scalar(select(AuditOut)) is None
        assert verify_live(session, app.state.log_key.verifying).is_verified


def test_a_repeated_event_is_kept_once(directory_app: Any) -> None:
    app = directory_app
    event = AuditEntry(
        event_id=str(uuid4()), at=NOW, producer="node:tax", actor="tax", action="batch:apply", subject="r-1/1"
    )
    for _ in range(2):
        with app.state.sessions.begin() as session:
            assert accept(session, [event, event]) == 2
        sequenced(app)
    with app.state.sessions() as session:
        found = session.scalars(select(AuditLog).where(AuditLog.event_id == event.event_id)).all()
        assert len(found) == 1
        assert found[0].bytes == event.to_bytes()


def test_sequencers_never_interleave(directory_app: Any) -> None:
    app = directory_app
    sequenced(app)
    with app.state.sessions() as session:
        before = len(list(log_bytes(session)))

    def write() -> None:
        for number in range(10):
            with app.state.sessions.begin() as session:
                record(session, "cli", "resource:register", f"parallel{number}")
            sequenced(app)

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sequenced(app)
    with app.state.sessions() as session:
        assert len(list(log_bytes(session))) == before + 60
        assert verify(log_bytes(session), checkpoints(session), app.state.log_key.verifying).is_verified


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET bytes = '' WHERE idx = 0",
        "DELETE FROM audit_log WHERE idx = 0",
        "TRUNCATE audit_log",
        "DELETE FROM audit_checkpoint",
        "UPDATE audit_checkpoint SET note = ''",
        "UPDATE audit_out SET bytes = ''",
        "DROP TABLE audit_log",
    ],
)
def test_the_application_cannot_rewrite_history(directory_app: Any, statement: str) -> None:
    with directory_app.state.sessions() as session, pytest.raises(ProgrammingError):
        session.execute(text(statement))


def test_the_owner_can_but_it_shows(directory_app: Any, directory_settings: Any) -> None:
    """Last in this file: it leaves the log altered, after which nothing more is sequenced."""
    app = directory_app
    with app.state.sessions.begin() as session:
        record(session, "cli", "resource:register", "one")
        record(session, "cli", "resource:register", "two")
    sequenced(app)
    owner = create_engine(directory_settings.owner_url)
    with owner.begin() as connection:
        last = connection.execute(text("SELECT max(idx) FROM audit_log")).scalar_one()
        altered = text("UPDATE audit_log SET bytes = overlay(bytes PLACING 'x'::bytea FROM 5 FOR 1) WHERE idx = :idx")
        connection.execute(altered, {"idx": last - 1})
    with app.state.sessions() as session:
        verdict = verify_live(session, app.state.log_key.verifying)
        assert not verdict.is_verified
        assert verdict.size <= last - 1
    with owner.begin() as connection:
        connection.execute(delete(AuditLog).where(AuditLog.idx == last))
    owner.dispose()
    with app.state.sessions.begin() as session:
        record(session, "cli", "resource:register", "three")
    with pytest.raises(DirectoryError, match="AUDIT_BROKEN"):
        sequenced(app)
