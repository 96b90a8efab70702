"""PostgreSQL types as ``format_type`` spells them, and the 2017 guide's type letters (standards/06 §1)."""

import re
from dataclasses import dataclass
from typing import Final

from metadata.resource import TypeCode

_SPELLING = re.compile(r"(?P<base>[^()]+?)(?:\((?P<arguments>[^()]*)\))?(?P<rest>[^()]*)", re.DOTALL)

_LETTERS: Final[dict[str, TypeCode]] = {
    "character varying": "C",
    "character": "C",
    "text": "C",
    "name": "C",
    "citext": "C",
    "uuid": "C",
    "smallint": "I",
    "integer": "I",
    "bigint": "I",
    "numeric": "N",
    "money": "Y",
    "real": "F",
    "double precision": "B",
    "date": "D",
    "timestamp without time zone": "T",
    "timestamp with time zone": "T",
    "boolean": "L",
    "json": "M",
    "jsonb": "M",
    "xml": "M",
    "bytea": "G",
    "geometry": "G",
    "geography": "G",
}
TEXTS: Final = frozenset({"character varying", "character", "text", "name", "citext"})
NUMBERS: Final = frozenset({"smallint", "integer", "bigint", "numeric"})
SPATIAL: Final = frozenset({"geometry", "geography"})

# Letters that the values of one type may be declared as: a date kept as text is still a date.
_FITTING: Final[dict[str, frozenset[str]]] = {
    "C": frozenset("CMDTNYIL"),
    "M": frozenset("CM"),
    "I": frozenset("IN"),
    "N": frozenset("NYI"),
    "Y": frozenset("YN"),
    "F": frozenset("FB"),
    "B": frozenset("BF"),
    "D": frozenset("DT"),
    "T": frozenset("TD"),
    "L": frozenset("L"),
    "G": frozenset("G"),
}


@dataclass(frozen=True)
class SqlType:
    """A type taken apart. ``letter`` is None for a type that the guide's letters do not cover."""

    base: str
    letter: TypeCode | None
    length: int | None = None
    precision: int | None = None


def sql_type(spelled: str) -> SqlType:
    """``character varying(18)`` -> C, 18; ``numeric(18,6)`` -> N, 18, 6; an array or a type of one's own -> None."""
    found = None if spelled.endswith("[]") else _SPELLING.fullmatch(spelled)
    if found is None:
        return SqlType(spelled, None)
    base = (found["base"] + found["rest"]).rpartition(".")[2].strip('"')
    letter = _LETTERS.get(base)
    numbers = [int(each) for each in re.findall(r"-?[0-9]+", found["arguments"] or "")]
    if base in TEXTS and numbers:
        return SqlType(base, letter, length=numbers[0])
    if base == "numeric" and numbers:
        return SqlType(base, letter, length=numbers[0], precision=max(numbers[-1], 0) if len(numbers) > 1 else 0)
    return SqlType(base, letter, length=36 if base == "uuid" else None)


def fits(type_code: TypeCode, spelled: str) -> bool:
    """Whether a column of this type can hold an item of this letter; a type without a letter may hold anything."""
    letter = sql_type(spelled).letter
    return letter is None or type_code in _FITTING[letter]
