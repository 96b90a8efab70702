"""What the libraries are called and numbered under, kept for a moment: every page and every search asks.

The register is the one source. A library is never removed, so what was known stays true; a label changed in another
process is seen here within ``_KEPT_SECONDS``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import Session

from directory.errors import DirectoryError
from directory.libraries.models import Library

_KEPT_SECONDS = 2.0
_CHANGED = "libraries changed"


class _Labels(dict[str, str]):
    """Labels by name; an unknown library is shown by its name, never dropped."""

    def __missing__(self, name: str) -> str:
        return name


@dataclass(frozen=True)
class _Kept:
    at: float
    labels: Mapping[str, str]
    class_codes: Mapping[str, str]


_kept: WeakKeyDictionary[Engine, _Kept] = WeakKeyDictionary()
_reading = Lock()


class LibraryLabels(Mapping[str, str]):
    """The same, read when first asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getitem__(self, name: str) -> str:
        return _known(self._engine).labels[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_known(self._engine).labels)

    def __len__(self) -> int:
        return len(_known(self._engine).labels)


def library_labels(session: Session) -> Mapping[str, str]:
    """The labels of all libraries, in the register's order."""
    return _of(session).labels


def library_class_codes(session: Session) -> Mapping[str, str]:
    """The class codes that the register gives; a library without one is not in it."""
    return _of(session).class_codes


def require_library(session: Session, name: str | None) -> None:
    """Raise ``LIBRARY_UNKNOWN`` unless the register has this library; None is no library and always right."""
    if name is None or name in _of(session).labels:
        return
    connection = session.connection()  # not the session: it would first write the entry that is being checked
    if connection.scalar(select(Library.name).where(Library.name == name)) is None:
        known = "、".join(f"{label}（{each}）" for each, label in library_labels(session).items())
        raise DirectoryError("LIBRARY_UNKNOWN", name=name, known=known)


def forget(session: Session) -> None:
    """Let what is kept be read anew, because this transaction changed the register."""
    session.info[_CHANGED] = True
    _kept.pop(session.connection().engine, None)


def _of(session: Session) -> _Kept:
    """What is known, read where need be by the session's own connection.

    Asking the pool for a second one while holding the first would let as many callers as the pool has connections wait
    for each other. What a transaction sees that changed the register itself is not kept: it may still be rolled back.
    """
    connection = session.connection()
    kept = _kept.get(connection.engine)
    if kept is not None and _is_fresh(kept):
        return kept
    made = _read(connection, kept)
    if _CHANGED not in session.info:
        _kept[connection.engine] = made
    return made


def _known(engine: Engine) -> _Kept:
    """The same for who has no session: one caller reads, the others go on with what was known until then."""
    kept = _kept.get(engine)
    if kept is not None and _is_fresh(kept):
        return kept
    if not _reading.acquire(blocking=kept is None) and kept is not None:
        return kept
    try:
        kept = _kept.get(engine)
        if kept is None or not _is_fresh(kept):
            with engine.connect() as connection:
                kept = _kept[engine] = _read(connection, kept)
        return kept
    finally:
        _reading.release()


def _is_fresh(kept: _Kept) -> bool:
    return monotonic() - kept.at < _KEPT_SECONDS


def _read(connection: Connection, before: _Kept | None) -> _Kept:
    """What the register says; the labels are the same object while they are the same, for who keeps what they name."""
    found = connection.execute(select(Library.name, Library.label, Library.class_code).order_by(Library.seq)).all()
    labels = _Labels({row.name: row.label for row in found})
    is_same = before is not None and list(before.labels.items()) == list(labels.items())
    return _Kept(
        monotonic(),
        before.labels if before is not None and is_same else labels,
        {row.name: row.class_code for row in found if row.class_code},
    )
