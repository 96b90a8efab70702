"""What differs between two versions of an entry, field by field, in the words of the people who read it. Pure.

Lists of things with a name are compared by it, not by position: an item by its field, a mount by its identifier. An
item whose field was renamed is found again by its Chinese name; one that only stands elsewhere is no other item, and a
changed order is told once for the whole list.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from metadata.paths import LABELS
from metadata.record import Record
from metadata.resource import Assessment, Category, Format, Item, LegalBasis, Mount, MountColumn, Resource
from metadata.words import ASSESSMENTS, CYCLES, LIBRARIES, METHODS, MOUNT_KINDS, SENSITIVITIES, SHARE_TYPES, TYPE_CODES

Kind = Literal["added", "removed", "changed"]

_VALUES: Final[Mapping[str, Mapping[Any, str]]] = {
    "library": LIBRARIES,
    "sharing.share_type": SHARE_TYPES,
    "sharing.method_types": METHODS,
    "update_cycle": CYCLES,
    "items.type_code": TYPE_CODES,
    "items.sensitivity": SENSITIVITIES,
    "mounts.kind": MOUNT_KINDS,
}
_NAMES: Final[Mapping[str, Callable[[Any], str]]] = {
    "items": lambda item: item.field,
    "mounts": lambda mount: mount.mount_id,
    "mounts.columns": lambda column: column.field,
}


@dataclass(frozen=True)
class Difference:
    """One difference. ``path`` has names for positions (``items[uscc].length``); ``before`` and ``after`` are in words.

    ``added`` has an empty ``before``, ``removed`` an empty ``after``.
    """

    path: str
    label_zh: str
    kind: Kind
    before: str
    after: str


def differences(before: Resource, after: Resource) -> tuple[Difference, ...]:
    """Everything that differs, in the order of the form; nothing exactly when the two are equal."""
    return tuple(_of_record(before, after, "", "", ""))


def _of_record(before: Record, after: Record, path: str, plain: str, whose: str) -> Iterator[Difference]:
    for name in type(before).model_fields:
        one, other = getattr(before, name), getattr(after, name)
        if one != other:
            at, key = f"{path}{name}", f"{plain}{name}"
            yield from _of_values(one, other, at, key, whose)


def _of_values(one: Any, other: Any, path: str, plain: str, whose: str) -> Iterator[Difference]:
    if plain in _NAMES:
        yield from _of_named(one, other, path, plain, whose)
    elif plain != "extent.box_mas" and isinstance(one, tuple):
        yield from _of_list(one, other, path, plain, whose)
    elif isinstance(one, Record) and isinstance(other, Record):
        yield from _of_record(one, other, f"{path}.", f"{plain}.", whose)
    else:
        yield _say(path, plain, whose, _words(plain, one), _words(plain, other))


def _of_named(one: Sequence[Any], other: Sequence[Any], path: str, plain: str, whose: str) -> Iterator[Difference]:
    """Lists whose members have names: who is new, gone, changed, and whether those that stayed changed order."""
    old, new = _by_name(one, _NAMES[plain]), _by_name(other, _NAMES[plain])
    renamed = _renamed(old, new)
    pairs = {renamed.get(name, name): name for name in new}  # old name -> new name
    for name, member in old.items():
        at = f"{path}[{pairs.get(name, name)}]"
        if name not in pairs:
            yield _say(at, plain, whose, _words(plain, member), "")
        else:
            member_whose = f"{whose}{LABELS[plain]}“{_called(new[pairs[name]])}”的"
            yield from _of_record(member, new[pairs[name]], f"{at}.", f"{plain}.", member_whose)
    for name, member in new.items():
        if renamed.get(name, name) not in old:
            yield _say(f"{path}[{name}]", plain, whose, "", _words(plain, member))
    stayed = [pairs[name] for name in old if name in pairs]
    order = [name for name in new if renamed.get(name, name) in old]
    if stayed != order:
        words = ["、".join(_called(new[name]) for name in names) for names in (stayed, order)]
        yield Difference(path, f"{whose}{LABELS[plain]}的顺序", "changed", *words)


def _by_name(members: Sequence[Any], name_of: Callable[[Any], str]) -> dict[str, Any]:
    """Members by name; the second of one name, which only an unchecked record has, is told apart by a number."""
    found: dict[str, Any] = {}
    for member in members:
        name, number = name_of(member), 1
        while name in found:
            number += 1
            name = f"{name_of(member)}#{number}"
        found[name] = member
    return found


def _renamed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """New name -> old name of items that kept their Chinese name, where only one can be meant."""
    gone = {key: item.name for key, item in old.items() if isinstance(item, Item) and key not in new}
    come = {key: item.name for key, item in new.items() if isinstance(item, Item) and key not in old}
    old_counts, new_counts = Counter(gone.values()), Counter(come.values())
    before = {name: key for key, name in gone.items()}
    return {key: before[name] for key, name in come.items() if old_counts[name] == 1 == new_counts[name]}


def _of_list(one: Sequence[Any], other: Sequence[Any], path: str, plain: str, whose: str) -> Iterator[Difference]:
    """Lists of values: each that went and each that came; one difference where only the order changed."""
    old, new = list(one), list(other)
    gone, come = _without(old, new), _without(new, old)
    for value in gone:
        yield _say(path, plain, whose, _words(plain, value) or "（空）", "")
    for value in come:
        yield _say(path, plain, whose, "", _words(plain, value) or "（空）")
    if not gone and not come:
        words = ["、".join(_words(plain, value) for value in values) for values in (old, new)]
        yield Difference(path, f"{whose}{LABELS[plain]}的顺序", "changed", *words)


def _without(values: list[Any], others: list[Any]) -> list[Any]:
    left = list(others)
    found = []
    for value in values:
        if value in left:
            left.remove(value)
        else:
            found.append(value)
    return found


def _say(path: str, plain: str, whose: str, before: str, after: str) -> Difference:
    kind: Kind = "changed" if before and after else "added" if after else "removed"
    return Difference(path, f"{whose}{LABELS[plain]}", kind, before, after)


def _words(plain: str, value: Any) -> str:
    """A value as it is read on a page; empty only for what is absent."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Record):
        return _record_words(value) or "（空）"
    if isinstance(value, tuple):
        return "、".join(_words(plain, member) for member in value)
    return _VALUES.get(plain, {}).get(value, str(value))


def _record_words(value: Record) -> str:
    words_of = _RECORDS.get(type(value))
    if words_of is None:  # a department
        return "，".join(str(word) for word in value.model_dump().values() if word)
    return words_of(value)


def _item_words(item: Item) -> str:
    size = f" {item.length}" if item.length else ""
    return f"{item.name}（{item.field}，{TYPE_CODES[item.type_code]}{size}）"


def _category_words(category: Category) -> str:
    return f"{category.scheme}：{category.name}" + (f"（{category.code}）" if category.code else "")


def _format_words(each: Format) -> str:
    return "，".join(word for word in (each.category, "、".join(each.types), each.other) if word)


def _assessment_words(made: Assessment) -> str:
    passed = "通过" if made.is_passed else "未通过"
    return f"{ASSESSMENTS[made.kind]}（{made.assessed_on.isoformat()} {made.assessor}）：{passed}，{made.conclusion}"


def _mount_words(mount: Mount) -> str:
    place = mount.path or mount.url or f"{mount.schema_name}.{mount.table}"
    return f"{MOUNT_KINDS[mount.kind]} {place}，前置节点 {mount.node}"


_RECORDS: Final[Mapping[type[Record], Callable[[Any], str]]] = {
    Item: _item_words,
    Category: _category_words,
    Format: _format_words,
    LegalBasis: lambda law: f"《{law.title}》{law.article}",
    Assessment: _assessment_words,
    Mount: _mount_words,
    MountColumn: lambda column: f"{column.field}：{column.column}（{column.sql_type}）",
}


def _called(member: Record) -> str:
    """What a named member is called in the label of its field."""
    if isinstance(member, Item):
        return member.name
    return member.mount_id if isinstance(member, Mount) else getattr(member, "field", "")
