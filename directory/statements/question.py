"""What is asked of one thing, and ahead of many at once where the same is about to be asked of each of them."""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from typing import Any, Generic, Self, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session, SessionTransaction

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_ANSWERS, _EXPECTED = "answers", "expected"
_Kept = WeakKeyDictionary[SessionTransaction, dict["Question[Any, Any]", Any]]


class Question(Generic[K, V]):
    """Asked of one thing like a function; what was asked ahead is then answered without a statement.

    An answer is given once, since whoever got it goes on to change what it was about; ``lasts`` keeps it until the
    transaction ends, for what cannot change within one: it never changes, or its rows are held. What was asked within
    a savepoint is forgotten with it.
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
        """These will be asked, but it is too early yet: the first that is asks for all of them."""
        self._at(session, _EXPECTED).setdefault(self, set()).update(keys)

    def _expected(self, session: Session) -> Collection[K]:
        return set[K]().union(*(each.pop(self, ()) for each in self._within(session, _EXPECTED)))

    def becomes(self, session: Session, key: K, value: V) -> None:
        """What the answer is from here on, by what has just been done. What was known outside a savepoint is asked
        anew after it: nobody tells whether this was kept or undone.
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
        """What there is of a kind, of the innermost savepoint first."""
        kept: _Kept = session.info.get(kind) or WeakKeyDictionary()
        inner = session.get_nested_transaction() or session.get_transaction()
        while inner is not None:
            yield kept.get(inner, {})
            inner = inner.parent

    def _at(self, session: Session, kind: str) -> dict["Question[Any, Any]", Any]:
        """The same of the innermost savepoint, to be added to; it goes with it."""
        inner = session.get_nested_transaction() or session.get_transaction()
        if inner is None:
            return {}
        kept: _Kept = session.info.setdefault(kind, WeakKeyDictionary())
        return kept.setdefault(inner, {})
