"""The base of every record, and the one canonical form of its bytes."""

import json
from collections.abc import Iterator
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from metadata.errors import MetadataError

MAX_RECORD_BYTES = 8 * 1024 * 1024


def canonical_bytes(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces; only strings, integers, booleans, null, lists and objects.

    Floats are refused, because two programs may spell one number differently (RFC 8785 §3.2.2.3 avoids this by rule; we
    avoid it by not having them).
    """
    _refuse_floats(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("a canonical record has no floats")
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for member in value:
            if type(member) is not str:  # nearly all are, of a record with ten thousand lines too
                _refuse_floats(member)


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice in one object")
    return members


class Record(BaseModel):
    """A frozen record that refuses unknown fields and has exactly one spelling in bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=100_000)

    def to_bytes(self) -> bytes:
        """The canonical bytes; what is signed, hashed and stored."""
        return canonical_bytes(self.model_dump(mode="json"))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a record, raising ``MetadataError RECORD_UNREADABLE`` for anything that is not exactly one."""
        if len(data) > MAX_RECORD_BYTES:
            raise MetadataError("RECORD_UNREADABLE", kind=cls.__name__, reason="too large")
        try:
            return cls.model_validate(json.loads(data, object_pairs_hook=_unique_members))
        except (ValueError, ValidationError, RecursionError) as error:
            reason = type(error).__name__
            if isinstance(error, ValidationError):  # names and rules only: an input value may be personal
                reason = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors()[:5])
            raise MetadataError("RECORD_UNREADABLE", kind=cls.__name__, reason=reason) from None


def differing(before: Record, after: Record, above: str = "") -> Iterator[str]:
    """The fields that two records of one type do not have alike, each by its path below ``above``."""
    for name in type(before).model_fields:
        one, other = getattr(before, name), getattr(after, name)
        if isinstance(one, Record) and isinstance(other, Record):
            yield from differing(one, other, f"{above}{name}.")
        elif one != other:
            yield above + name
