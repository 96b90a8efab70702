"""Values that must be nowhere but in the departments' tables, and a search for them in whatever spelling."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from exchange.department import libpq_url

NAME = "金丝雀鹦鹉黄鹂"  # every name begins so, every number with the digits
NUMBER = "990731642758"


def rows(count: int) -> list[tuple[str, str, str, str, str]]:
    """Source rows, two canaries in each: a number and a name."""
    return [
        (f"{NUMBER}{place:05d}X", f"{NAME}{place}号", "990000", f"{place}.25", "2026-01-02T03:04:05Z")
        for place in range(count)
    ]


def spellings(*values: str) -> dict[str, bytes]:
    """What to look for: each value as it stands inside each encoding."""
    found = {}
    for value in values:
        data = value.encode()
        found |= {f"{value} {name}": value.encode(name) for name in ("utf-8", "gbk", "utf-16-le", "utf-16-be")}
        found[f"{value} hex"], found[f"{value} HEX"] = data.hex().encode(), data.hex().upper().encode()
        found[f"{value} escaped"] = value.encode("unicode_escape")
        for shift in range(3):  # the characters that do not depend on what stands before and after
            whole = base64.b64encode(b"\0" * shift + data)
            found[f"{value} base64+{shift}"] = whole[(8 * shift + 5) // 6 : (8 * (shift + len(data))) // 6]
    return found


OURS: Mapping[str, bytes] = spellings(NAME, NUMBER)


def found_in(name: str, data: bytes, wanted: Mapping[str, bytes] = OURS) -> Iterator[str]:
    """Where and how one of them stands in these bytes."""
    return (f"{name}: {spelling}" for spelling, value in wanted.items() if value in data)


def in_files(folder: Path, wanted: Mapping[str, bytes] = OURS) -> Iterator[str]:
    """In names and contents of all files below a folder."""
    for path in sorted(folder.rglob("*")):
        yield from found_in(str(path), str(path).encode(), wanted)
        if path.is_file():
            yield from found_in(str(path), path.read_bytes(), wanted)


class _Sink:
    """A file that looks at what is written and keeps only the seam."""

    def __init__(self, name: str, wanted: Mapping[str, bytes]) -> None:
        self._name, self._wanted, self._end = name, wanted, b""
        self.found: set[str] = set()

    def write(self, data: Any) -> int:
        whole = self._end + bytes(data)
        self.found |= set(found_in(self._name, whole, self._wanted))
        self._end = whole[-200:]
        return len(data)


def in_database(url: str, leaving_out: Iterable[str] = (), wanted: Mapping[str, bytes] = OURS) -> Iterator[str]:
    """In all tables of a database but those named (``schema.table`` or ``schema``), the bytes as they are stored."""
    connection = psycopg2.connect(libpq_url(url))
    try:
        with connection.cursor() as cursor:
            yield from in_tables(cursor, leaving_out, wanted)
    finally:
        connection.close()


def in_tables(cursor: Any, leaving_out: Iterable[str] = (), wanted: Mapping[str, bytes] = OURS) -> Iterator[str]:
    """The same over a cursor."""
    left_out = set(leaving_out)
    cursor.execute(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    for schema, table in cursor.fetchall():
        if not {schema, f"{schema}.{table}"} & left_out:
            sink = _Sink(f"{schema}.{table}", wanted)
            query = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT (FORMAT binary)").format(sql.Identifier(schema, table))
            cursor.copy_expert(query, sink)
            yield from sorted(sink.found)
