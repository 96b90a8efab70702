"""Queries about one thing that can be asked ahead: one statement then answers what each of many steps will ask."""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from typing import Any, Generic, Self, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session, SessionTransaction

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_ANSWERS, _EXPECTED = "answers", "expected"
_Kept = WeakKeyDictionary[SessionTransaction, dict["Question[Any, Any]", Any]]


class Question(Generic[K, V]):
    """Called like a function of one key; what was asked ahead is answered without a statement.

    An answer is given once and then forgotten, since its caller usually goes on to change what it was about. With
    ``lasts`` it is kept until the transaction ends: for what cannot change within one, because it never does or because
    its rows are locked. What was asked within a savepoint is forgotten with it.
    """

    def __init__(self, ask: Callable[[Session, Collection[K]], Mapping[K, V]], *, lasts: bool = False) -> None:
        """``ask`` answers for every key that it is given."""
        self._ask, self._lasts = ask, lasts

    @classmethod
    def of_each(cls, ask: Callable[[Session, K], V]) -> Self:
        """One that is asked of each thing by itself, and whose answers last."""
        return cls(lambda session, keys: {key: ask(session, key) for key in keys}, lasts=True)

    def ahead(self, session: Session, keys: Collection[K]) -> Mapping[K, V]:
        """Ask of all of these in one statement."""
        found = self._ask(session, keys) if keys else {}
        self._keep(session, found)
        return found

    def __call__(self, session: Session, key: K) -> V:
        for known in self._known(session):
            if key in known:
                return known[key] if self._lasts else known.pop(key)
        found = dict(self._ask(session, {key, *self._expected(session)}))
        answer = found[key]
        if not self._lasts:
            del found[key]
        self._keep(session, found)
        return answer

    def expect(self, session: Session, keys: Collection[K]) -> None:
        """Note keys that will be asked for when it is too early to ask: the first that is asked for brings them all."""
        self._at(session, _EXPECTED).setdefault(self, set()).update(keys)

    def _expected(self, session: Session) -> Collection[K]:
        return set[K]().union(*(each.pop(self, ()) for each in self._within(session, _EXPECTED)))

    def becomes(self, session: Session, key: K, value: V) -> None:
        """Take this for the answer: the caller has just changed what it was about. An answer known outside the present
        savepoint is dropped and will be asked for anew: nobody tells us whether the savepoint was kept or undone.
        """
        for known in self._known(session):
            known.pop(key, None)
        self._keep(session, {key: value})

    def _known(self, session: Session) -> Iterator[dict[K, V]]:
        """The innermost savepoint's first."""
        return (each.get(self, {}) for each in self._within(session, _ANSWERS))

    def _keep(self, session: Session, found: Mapping[K, V]) -> None:
        self._at(session, _ANSWERS).setdefault(self, {}).update(found)

    def _within(self, session: Session, kind: str) -> Iterator[dict["Question[Any, Any]", Any]]:
        """What is kept of one kind, the innermost savepoint's first."""
        kept: _Kept = session.info.get(kind) or WeakKeyDictionary()
        inner = session.get_nested_transaction() or session.get_transaction()
        while inner is not None:
            yield kept.get(inner, {})
            inner = inner.parent

    def _at(self, session: Session, kind: str) -> dict["Question[Any, Any]", Any]:
        """The innermost savepoint's own, to be added to; it is forgotten with the savepoint."""
        inner = session.get_nested_transaction() or session.get_transaction()
        if inner is None:
            return {}
        kept: _Kept = session.info.setdefault(kind, WeakKeyDictionary())
        return kept.setdefault(inner, {})
