"""How a name in somebody's list or form and an item of the catalogue may be the same thing, and how surely. Pure.

A name is the same (100), stands for the same standard item of a base library (95 where the entry says so itself, 90 by
its name or a usual spelling), has the same field name (85), holds the other or looks like it (60–80). From ``SURE``
on the item is taken to be what was meant; below, a person has to look.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from metadata.dictionary import matches as spelled_like
from metadata.dictionary import plain, spellings_of

SURE: Final = 85
LEAST: Final = 60
_SAME, _DECLARED, _STANDARD, _FIELD = 100, 95, 90, 85
_SHORTEST_FIELD: Final = 3  # "id", "xm": too many things are called so
_SHORTEST_NAME: Final = 2
_KNOWN_BY: Final = frozenset({"chinese", "field", "spelling", "pinyin"})
_PERCENT: Final = 100
_FEW_PAIRS: Final = 16
"""So many pairs of characters are looked for in a name faster than the name is taken apart."""


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for: its name, and its field name where they have one."""

    name: str
    field: str = ""


class Held(NamedTuple):
    """An item of an entry as far as it is compared; ``base_item`` is what the entry declares it to be."""

    name: str
    field: str
    base_item: str


@dataclass(frozen=True)
class Likeness:
    """How surely an item is what was looked for (60–100), and why, in the users' words."""

    score: int
    reason: str


class Standards:
    """The standard items of the base libraries and what stands for them: the register's names, the usual spellings."""

    def __init__(self, items: Mapping[str, str]) -> None:
        """``items``: the names of the register's items by their keys (``population/id_number``)."""
        self._names = items
        self._by_name: dict[str, set[str]] = defaultdict(set)
        for key, name in items.items():
            self._by_name[plain(name)].add(key)

    def name_of(self, key: str) -> str:
        return self._names.get(key, key)

    def meant_by(self, *words: str) -> frozenset[str]:
        """The standard items that any of these words stands for."""
        found: set[str] = set()
        for word in words:
            found |= self._by_name.get(plain(word), set())
            found |= {each.item.key for each in spelled_like(word) if each.how in _KNOWN_BY}
        return frozenset(found)

    def words_for(self, keys: Collection[str]) -> frozenset[str]:
        """The words, ``plain``, of which ``meant_by`` says any of these items."""
        own = {word for word, meant in self._by_name.items() if not meant.isdisjoint(keys)}
        return spellings_of(keys, _KNOWN_BY) | own


@dataclass(frozen=True)
class _Known:
    wanted: Wanted
    plain: str
    pairs: frozenset[str]
    standards: frozenset[str]


class Comparer:
    """Holds a list of wanted names against one item after another; what is alike shares a pair of characters."""

    def __init__(self, wanted: Sequence[Wanted], standards: Standards) -> None:
        self._standards = standards
        self._known = [
            _Known(
                each,
                plain(each.name),
                pairs_of(plain(each.name)),
                standards.meant_by(*(word for word in (each.name, each.field) if word)),
            )
            for each in wanted
        ]
        self._holding: dict[str, list[int]] = defaultdict(list)
        self._fields: dict[str, list[int]] = defaultdict(list)
        self._meaning: dict[str, list[int]] = defaultdict(list)
        for number, known in enumerate(self._known):
            for pair in known.pairs:
                self._holding[pair].append(number)
            for key in known.standards:
                self._meaning[key].append(number)
            if len(known.wanted.field) >= _SHORTEST_FIELD:
                self._fields[known.wanted.field.lower()].append(number)
        self._words = standards.words_for(self._meaning.keys())
        self._few = tuple(self._holding) if len(self._holding) <= _FEW_PAIRS else None

    def like(self, item: Held) -> Mapping[int, Likeness]:
        """Which of the wanted this item is or may be, by their place in the list."""
        name = plain(item.name)
        is_meant = item.base_item in self._meaning or name in self._words
        is_meant = is_meant or bool(self._words and plain(item.field) in self._words)
        if not is_meant and self._few is not None and item.field.lower() not in self._fields:
            for pair in self._few:  # a catalogue has some hundred thousand names, and nearly all of them end here
                if pair in name:
                    break
            else:
                return {}
        pairs = pairs_of(name)
        meant = self._standards.meant_by(item.name, item.field) | {item.base_item} - {""} if is_meant else frozenset()
        common = Counter(number for pair in pairs for number in self._holding.get(pair, ()))
        candidates = {number for number, count in common.items() if self._may_look_alike(number, count, len(pairs))}
        candidates |= {number for key in meant for number in self._meaning.get(key, ())}
        candidates |= set(self._fields.get(item.field.lower(), ()))
        found = {}
        for number in candidates:
            likeness = self._compare(self._known[number], item, name, meant)
            if likeness is not None:
                found[number] = likeness
        return found

    def _may_look_alike(self, number: int, common: int, pairs: int) -> bool:
        """Whether enough pairs are shared for one name to hold the other, or to look like it; most stop here."""
        own = len(self._known[number].pairs)
        return common == min(own, pairs) or 2 * common >= own + pairs - common

    def _compare(self, known: _Known, item: Held, name: str, meant: Iterable[str]) -> Likeness | None:
        if known.plain and known.plain == name:
            return Likeness(_SAME, "名称相同")
        shared = known.standards & frozenset(meant)
        if item.base_item and item.base_item in shared:
            standard = self._standards.name_of(item.base_item)
            return Likeness(_DECLARED, f"目录写明它是基础库数据项“{standard}”，“{known.wanted.name}”是同一项的写法")
        if shared:
            standard = self._standards.name_of(min(shared))
            return Likeness(_STANDARD, f"“{known.wanted.name}”与“{item.name}”都指基础库数据项“{standard}”")
        if len(known.wanted.field) >= _SHORTEST_FIELD and known.wanted.field.lower() == item.field.lower():
            return Likeness(_FIELD, f"字段名同为 {item.field}")
        return _by_writing(known, item, name)


def _by_writing(known: _Known, item: Held, name: str) -> Likeness | None:
    shorter, longer = sorted((known.plain, name), key=len)
    if len(shorter) >= _SHORTEST_NAME and shorter in longer:
        score = 50 + 30 * len(shorter) // len(longer)
        reason = f"“{item.name}”与“{known.wanted.name}”一个包含另一个，须人工核对口径"
    else:
        pairs = pairs_of(name)
        common, all_ = len(known.pairs & pairs), len(known.pairs | pairs)
        score = 40 + 40 * common // all_ if all_ else 0
        reason = f"名称相近（{common * _PERCENT // all_ if all_ else 0}% 的字组相同），须人工核对口径"
    return Likeness(score, reason) if score >= LEAST else None


def pairs_of(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters; of a single character itself."""
    return frozenset(text[at : at + 2] for at in range(max(len(text) - 1, 1))) if text else frozenset()
