"""The columns that a grant lets through: their names, types, key, and the digest both ends compare. Pure."""

import re
from collections.abc import Mapping

from exchange.envelope.header import Content
from exchange.limits import LIMITS
from metadata.access import Grant
from metadata.record import canonical_bytes
from metadata.resource import Item, MountColumn
from standards.crypto import digest_hex

# Types whose COPY BINARY form is the same in every supported PostgreSQL (15 and later); all others travel as text.
_BINARY = frozenset(
    {
        "bigint",
        "boolean",
        "bytea",
        "character",
        "character varying",
        "date",
        "double precision",
        "integer",
        "json",
        "jsonb",
        "numeric",
        "real",
        "smallint",
        "text",
        "time with time zone",
        "time without time zone",
        "timestamp with time zone",
        "timestamp without time zone",
        "uuid",
    }
)
_TYPE_PARAMETERS = re.compile(r"\([0-9, -]+\)")


def granted(grant: Grant) -> tuple[MountColumn, ...]:
    """The grant's columns whose item it names too, in the grant's order: what neither says does not travel."""
    fields = {item.field for item in grant.items}
    return tuple(column for column in grant.columns if column.field in fields)


def names(grant: Grant) -> Mapping[str, str]:
    """Item field to source column."""
    return {column.field: column.column for column in granted(grant)}


def fields(grant: Grant) -> tuple[str, ...]:
    """The columns of staging and target: item fields, in order."""
    return tuple(column.field for column in granted(grant))


def operation(grant: Grant) -> str:
    """What the column of operations is called where rows of an increment stand: no field's name."""
    name = "hutong_operation"
    while name in fields(grant):
        name += "_"
    return name


def has_room_for_operation(grant: Grant) -> bool:
    """PostgreSQL's limit leaves room for one column more."""
    return len(fields(grant)) < LIMITS.columns


def items(grant: Grant) -> tuple[Item, ...]:
    """The granted items that have a column; half a key is no key, so its items count as none."""
    has_key, known = bool(key(grant)), set(fields(grant))
    return tuple(
        item if has_key else item.model_copy(update={"is_key": False}) for item in grant.items if item.field in known
    )


def key(grant: Grant) -> tuple[str, ...]:
    """The key's fields when every key item is granted, else nothing: half a key identifies no row."""
    keys = [item.field for item in grant.items if item.is_key]
    return tuple(keys) if set(keys) <= set(fields(grant)) else ()


def schema_digest(grant: Grant) -> str:
    """SHA-256 in hex of fields, types and key: all that a header says of them (``docs/sealed-batch.md``, "Header").

    Of files too: they have the fields that the grant names, often none, and nobody looks for them in their bytes.
    """
    described = [[column.field, column.sql_type] for column in granted(grant)]
    return digest_hex(canonical_bytes({"columns": described, "key": list(key(grant))}))


def content(grant: Grant) -> Content:
    """How rows become bytes: binary where that is exact between server versions. Files are bytes already."""
    if grant.kind != "table":
        return "files"
    return "pg_copy_binary" if all(is_binary(column.sql_type) for column in granted(grant)) else "pg_copy_text"


def is_binary(sql_type: str) -> bool:
    """Whether values of this type may travel in COPY's binary form; a batch does when all its columns may."""
    return _TYPE_PARAMETERS.sub("", sql_type).strip() in _BINARY
