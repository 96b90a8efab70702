"""What the departments are called, kept for a moment: every search names those it counted."""

from collections.abc import Mapping
from time import monotonic
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from directory.organisations.models import Organisation

_KEPT_SECONDS = 2.0
_kept: WeakKeyDictionary[Engine, tuple[float, Mapping[str, str]]] = WeakKeyDictionary()


def organisation_names(session: Session, needed: frozenset[str] = frozenset()) -> Mapping[str, str]:
    """The names of all by code, at most ``_KEPT_SECONDS`` old and with those ``needed`` wherever they exist."""
    engine = session.connection().engine
    at, names = _kept.get(engine, (0.0, {}))
    if not names or monotonic() - at > _KEPT_SECONDS or not needed <= names.keys():
        found = session.execute(select(Organisation.code, Organisation.name)).all()
        read = {row.code: row.name for row in found}
        names = names if names == read else read  # the same object while they are the same
        _kept[engine] = (monotonic(), names)
    return names
