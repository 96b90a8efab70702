"""What is asked of one thing, and ahead of many at once where the same is about to be asked of each of them."""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from typing import Any, Final, Generic, Self, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session, SessionTransaction

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_KEY: Final = "answers"
_Answers = WeakKeyDictionary[SessionTransaction, dict["Question[Any, Any]", dict[Any, Any]]]


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
        found = self._ask(session, (key,))
        if self._lasts:
            self._keep(session, found)
        return found[key]

    def becomes(self, session: Session, key: K, value: V) -> None:
        """What the answer is from here on, by what has just been done. What was known outside a savepoint is asked
        anew after it: nobody tells whether this was kept or undone.
        """
        for known in self._known(session):
            known.pop(key, None)
        self._keep(session, {key: value})

    def _known(self, session: Session) -> Iterator[dict[K, V]]:
        """The innermost savepoint's first."""
        answers: _Answers = session.info.get(_KEY) or WeakKeyDictionary()
        inner = session.get_nested_transaction() or session.get_transaction()
        while inner is not None:
            yield answers.get(inner, {}).get(self, {})
            inner = inner.parent

    def _keep(self, session: Session, found: Mapping[K, V]) -> None:
        answers: _Answers = session.info.setdefault(_KEY, WeakKeyDictionary())
        inner = session.get_nested_transaction() or session.get_transaction()
        if inner is not None:
            answers.setdefault(inner, {}).setdefault(self, {}).update(found)
