"""Large counts, kept while nothing is committed: as long as the database's snapshot is the same, they are right."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from directory.statements.prepared import Prepared

T = TypeVar("T")

# Null inside a transaction that has written: it sees what nobody else does.
_SNAPSHOT: Final = Prepared(
    "snapshot", "SELECT CASE WHEN pg_current_xact_id_if_assigned() IS NULL THEN pg_current_snapshot()::text END"
)
_kept: WeakKeyDictionary[Engine, tuple[str, dict[Hashable, Any]]] = WeakKeyDictionary()
_lock = Lock()


def while_unchanged(session: Session, key: Hashable, compute: Callable[[], T]) -> T:
    """What ``compute`` gives, computed anew after any commit; it must depend on ``key`` and the database alone."""
    session.flush()
    engine = session.connection().engine
    snapshot = _SNAPSHOT.rows(session)[0][0]
    if snapshot is None:
        return compute()
    with _lock:
        at, values = _kept.get(engine, ("", {}))
        if at == snapshot and key in values:
            return cast(T, values[key])
    found = compute()
    with _lock:
        at, values = _kept.get(engine, ("", {}))
        if at != snapshot:
            values = {}
            _kept[engine] = (snapshot, values)
        values[key] = found
    return found
