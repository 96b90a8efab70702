"""Requests in flight: real histories driven by the verbs, each copied many times with every row that hangs on it.

A copy is a request of its own to every query: new ids in each table that refers to a request, the same people, days and
texts. Only the log holds the originals alone, since its entries are signed one by one.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import psycopg2
from psycopg2 import sql

from benchmarks._requests_city import REASON, REVIEWERS, BenchCity
from directory.access.decide import decide
from directory.access.drafting import create
from directory.access.said import Said
from directory.access.states import Act
from directory.signing import open_key

ENDORSE, SUBMIT, ACCEPT, AGREE, REFUSE, SUPPLEMENT, EXTEND = (
    ("own_lead", Act.REQ_APPROVED),
    ("clerk", Act.SUBMITTED),
    ("reviewer", Act.ACCEPTED),
    ("lead", Act.AGREED),
    ("lead", Act.REFUSED),
    ("reviewer", Act.SUPPLEMENT_ASKED),
    ("lead", Act.EXTENSION_ASKED),
)
_TO_PROVIDER = (ENDORSE, SUBMIT, ACCEPT)
HISTORIES: Final = (
    *(((),) * 2),
    *(((ENDORSE,),) * 2),
    *(((ENDORSE, SUBMIT),) * 8),
    *(((ENDORSE, SUBMIT, SUPPLEMENT),) * 2),
    *((_TO_PROVIDER,) * 19),
    (*_TO_PROVIDER, EXTEND),
    *(((*_TO_PROVIDER, AGREE),) * 4),
    *(((*_TO_PROVIDER, REFUSE),) * 2),
)
"""One of forty: what was done to a request so far. Agreed to by a department whose entry the office decides on too."""
_MOST_DAYS: Final = 18


def fill(city: BenchCity, dsn: str, count: int, seed: int) -> int:
    """So many requests, begun on days up to two and a half weeks back; how many were driven by the verbs."""
    randoms = random.Random(seed)
    number = min(count // 2, 5 * len(HISTORIES))
    originals = [_drive(city, randoms, HISTORIES[each % len(HISTORIES)]) for each in range(number)]
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # the guards had their say over the originals
        for each, copies in zip(originals, _shares(count - number, number), strict=True):
            _copy(cursor, each, copies)
    connection.close()
    return number


def _drive(city: BenchCity, randoms: random.Random, history: Sequence[tuple[str, Act]]) -> UUID:
    """One request through its history, by the people whose turn it is."""
    key = open_key(city.settings.directory_key_path)
    asks_office = Act.AGREED in [act for _, act in history]
    providers = [each for each in range(1, city.departments + 1) if not asks_office or each % 2]
    provider = randoms.choice(providers)
    requester = randoms.choice([each for each in range(1, city.departments + 1) if each != provider])
    people = {
        "own_lead": f"lead{requester}",
        "clerk": f"clerk{requester}",
        "lead": f"lead{provider}",
        "reviewer": f"reviewer{randoms.randint(1, REVIEWERS)}",
    }
    at = datetime.now(UTC) - timedelta(days=randoms.randrange(_MOST_DAYS), minutes=randoms.randrange(30, 300))
    with city.sessions.begin() as session:
        asked = city.asked(city.entries[provider - 1], (datetime.now(UTC) + timedelta(days=300)).date())
        row = create(session, city.people[people["clerk"]], asked, at)
        for who, act in history:
            at += timedelta(minutes=1)
            actor = city.people[people[who]]
            decide(session, actor, key, row.id, act, at, _said(act), suite_2=frozenset())
        return row.id


def _said(act: Act) -> Said:
    if act is Act.REFUSED:
        return Said(reason=REASON)
    if act is Act.SUPPLEMENT_ASKED:
        return Said.model_validate({"comment": "依据不全", "missing": ["basis"]})
    return Said(comment="历史数据须脱敏", days=5) if act is Act.EXTENSION_ASKED else Said()


def _shares(count: int, parts: int) -> Iterator[int]:
    for each in range(parts):
        yield count // parts + (each < count % parts)


def _copy(cursor: "psycopg2.extensions.cursor", original: UUID, copies: int) -> None:
    """So many more of a request, with all rows that refer to it."""
    cursor.execute("CREATE TEMP TABLE IF NOT EXISTS copied (id uuid, shift interval)")
    cursor.execute("TRUNCATE copied")
    cursor.execute(
        "INSERT INTO copied SELECT gen_random_uuid(), make_interval(secs => n * 0.01) FROM generate_series(1, %s) n",
        (copies,),
    )
    _copy_table(cursor, "request", "id", original)
    for table, column in _referring(cursor):
        _copy_table(cursor, table, column, original)
    _copy_table(cursor, "notice", "about", original)


def _referring(cursor: "psycopg2.extensions.cursor") -> list[tuple[str, str]]:
    """Tables that hang on a request, and the column that says on which; not those that lead to another request."""
    cursor.execute(
        "SELECT DISTINCT c.conrelid::regclass::text, a.attname FROM pg_constraint c"
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
        " WHERE c.contype = 'f' AND c.confrelid = 'request'::regclass AND a.attname = 'request_id' ORDER BY 1"
    )
    return list(cursor.fetchall())


def _copy_table(cursor: "psycopg2.extensions.cursor", table: str, column: str, original: UUID) -> None:
    cursor.execute(
        "SELECT column_name, data_type, column_name = 'id' AND data_type = 'uuid' FROM information_schema.columns"
        " WHERE table_name = %s AND is_identity = 'NO' AND is_generated = 'NEVER' ORDER BY ordinal_position",
        (table,),
    )
    columns, values = [], []
    for name, kind, is_id in cursor.fetchall():
        columns.append(sql.Identifier(name))
        if name == column:
            values.append(sql.SQL("copied.id"))
        elif is_id:
            values.append(sql.SQL("gen_random_uuid()"))
        elif kind == "timestamp with time zone":
            values.append(sql.SQL("o.{} + copied.shift").format(sql.Identifier(name)))
        else:
            values.append(sql.SQL("o.{}").format(sql.Identifier(name)))
    cursor.execute(
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} o CROSS JOIN copied WHERE o.{} = %s").format(
            sql.Identifier(table),
            sql.SQL(", ").join(columns),
            sql.SQL(", ").join(values),
            sql.Identifier(table),
            sql.Identifier(column),
        ),
        (str(original),),
    )


def refresh(dsn: str) -> None:
    """Kept counts and statistics as a database that has lived has them: no trigger saw the copies."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("SELECT hutong_tally_anew()")
    cursor.execute("VACUUM ANALYZE")
    connection.close()
