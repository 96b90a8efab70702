"""What the libraries are called and numbered under, kept for a moment: every page and every search asks.

The register is the one source. A library is never removed, so what was known stays true; a label changed in another
process is seen here within ``_KEPT_SECONDS``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from time import monotonic
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from directory.errors import DirectoryError
from directory.libraries.models import Library

_KEPT_SECONDS = 2.0


@dataclass(frozen=True)
class _Kept:
    at: float
    labels: Mapping[str, str]
    class_codes: Mapping[str, str]


_kept: WeakKeyDictionary[Engine, _Kept] = WeakKeyDictionary()


class LibraryLabels(Mapping[str, str]):
    """Labels by library name, read when first asked for; an unknown library is shown by its name, never dropped."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getitem__(self, name: str) -> str:
        return _known(self._engine).labels.get(name, name)

    def __iter__(self) -> Iterator[str]:
        return iter(_known(self._engine).labels)

    def __len__(self) -> int:
        return len(_known(self._engine).labels)


def library_labels(session: Session) -> Mapping[str, str]:
    """The labels of all libraries, in the register's order."""
    return LibraryLabels(session.connection().engine)


def library_class_codes(session: Session) -> Mapping[str, str]:
    """The class codes that the register gives; a library without one is not in it."""
    return _known(session.connection().engine).class_codes


def require_library(session: Session, name: str | None) -> None:
    """Raise ``LIBRARY_UNKNOWN`` unless the register has this library; None is no library and always right."""
    if name is None or name in _known(session.connection().engine).labels:
        return
    connection = session.connection()  # not the session: it would first write the entry that is being checked
    if connection.scalar(select(Library.name).where(Library.name == name)) is None:
        known = "、".join(f"{label}（{each}）" for each, label in library_labels(session).items())
        raise DirectoryError("LIBRARY_UNKNOWN", name=name, known=known)


def forget(session: Session) -> None:
    """Let what is kept be read anew, because this transaction changed the register."""
    _kept.pop(session.connection().engine, None)


def _known(engine: Engine) -> _Kept:
    kept = _kept.get(engine)
    if kept is not None and monotonic() - kept.at < _KEPT_SECONDS:
        return kept
    with engine.connect() as connection:
        query = select(Library.name, Library.label, Library.class_code).order_by(Library.seq)
        found = connection.execute(query).all()
    made = _Kept(
        monotonic(),
        {row.name: row.label for row in found},
        {row.name: row.class_code for row in found if row.class_code},
    )
    _kept[engine] = made
    return made
