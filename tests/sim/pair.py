"""A source and a target table with nothing between them: what a batch carries, applied at once, without sealing it.

The functions are those of the steps: snapshot, facts, choice, rows, staging, merge, marks. So hundreds of exchanges
take seconds.
"""

import io
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any

import psycopg2
from psycopg2 import sql

from exchange import columns, department
from exchange.consumer import last_merge, marks, merge, staging, target
from exchange.department import libpq_url
from exchange.keys.trust import BoundGrant
from exchange.ledger import Batch
from exchange.provider import increment, set_aside, source, source_facts
from exchange.provider.set_aside import LeftBehind
from exchange.provider.strategy import Choice, SourceState, choose
from exchange.rows import copy_out
from metadata.access import Grant, GrantEnd, RegionFilter
from metadata.resource import Item, MountColumn
from standards.crypto import digest_hex
from tests.sim.people import COLUMNS, ITEMS
from tests.sim.town import execute

TABLE = "id_no varchar(18), name text, region char(6), amount numeric(12,2), changed_at timestamptz"
_END = {"org_code": "11110000MB0000000X", "org_name": "示例市", "identity_key_id": "0" * 32}


@dataclass
class Pair:
    """One granted table and what the target has of it. A row without a name (``xm``) stays behind."""

    source_url: str
    target_url: str
    grant: BoundGrant
    seq: int = 0
    base: SourceState | None = None
    is_asked: bool = False

    @classmethod
    def made(
        cls,
        source_url: str,
        target_url: str,
        described: str = f"({TABLE}, PRIMARY KEY (id_no))",
        *,
        items: tuple[Item, ...] = ITEMS,
        mounted: tuple[MountColumn, ...] = COLUMNS,
        row_filter: RegionFilter | None = None,
    ) -> "Pair":
        """With a new source table; ``described`` follows its name in CREATE TABLE."""
        table = f"pair_{secrets.token_hex(5)}"
        execute(source_url, f"CREATE TABLE {table} {described}")
        grant = Grant(
            grant_id=f"g-{table}",
            route_id=f"r-{secrets.token_hex(12)}",
            request_id="q-1",
            resource_identifier="11000/000001",
            resource_code="303021070100/000003",
            resource_title="常住人口基本信息",
            resource_version=1,
            mount_id="m1",
            schema_name="public",
            table=table,
            columns=mounted,
            items=items,
            row_filter=row_filter,
            provider=GrantEnd(node_id="gongan", **_END),
            consumer=GrantEnd(node_id="renshe", **_END),
            target_table=table,
            purpose="社保核验",
            basis="依法履职",
            valid_from=date(2025, 1, 1),
            valid_until=date(2027, 1, 1),
            provide_by_on=date(2027, 1, 1),
            issued_at=datetime.now(UTC),
        )
        return cls(source_url, target_url, BoundGrant(grant))

    def run(self, statement: str, parameters: Any = None) -> list[Any]:
        """At the source; ``{t}`` is its table."""
        return execute(self.source_url, statement.replace("{t}", self.grant.table), parameters)

    def insert(self, *keys: int, region: str = "990000", name: str | None = "张三", amount: str = "1.50") -> None:
        for key in keys:
            self.run("INSERT INTO {t} VALUES (%s, %s, %s, %s, now())", (f"{key:018d}", name, region, amount))

    def rest(self) -> None:
        """Until every transaction of the whole server that was open when the rows were written is over: an increment
        may carry again what was written beside one.
        """
        ((written,),) = self.run("SELECT pg_current_xact_id()::text::bigint")
        until = time.monotonic() + 60
        while self.run("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint") <= [(written,)]:
            assert time.monotonic() < until, "somebody keeps a transaction open"

    @contextmanager
    def writer(self) -> Iterator[Any]:
        """A transaction of the department's own, open as long as the test likes."""
        connection = psycopg2.connect(libpq_url(self.source_url))
        try:
            with connection.cursor() as cursor:
                yield _Writer(connection, cursor, self.grant.table)
        finally:
            connection.close()

    def exchange(self) -> Choice:
        """One batch from the source into the target; how it was made."""
        self.seq += 1
        stays = sql.SQL("(r.xm IS NULL)") if "xm" in columns.fields(self.grant) else sql.SQL("false")
        data = io.BytesIO()
        with source.snapshot(self.source_url, self.grant) as taken:
            with taken.connection.cursor() as cursor:
                facts = source_facts.read(cursor, self.grant, 0 if self.base is None else self.base.seq)
                cursor.execute(
                    sql.SQL("SELECT to_jsonb(k)::text FROM (SELECT {} FROM ({}) r WHERE {}) k").format(
                        sql.SQL(", ").join(map(sql.Identifier, columns.key(self.grant) or columns.fields(self.grant))),
                        taken.relation,
                        stays,
                    )
                )
                left = [LeftBehind(key, ("not_null:xm",)) for (key,) in cursor.fetchall()]
                cursor.execute(sql.SQL("SELECT count(*) FROM ({}) r").format(taken.relation))
                target_rows = cursor.fetchone()[0] - len(left)
            chosen = choose(
                self.base,
                facts,
                source_facts.scope(self.grant),
                is_keyed=bool(columns.key(self.grant)),
                is_asked=self.is_asked,
                set_aside=len(left),
            )
            query = increment.rows(self.grant, taken.relation, chosen.kind, self.base, facts.snapshot, stays)
            copied = copy_out(taken.connection, query, data.write, is_binary=True)
        digest = digest_hex(data.getvalue() + bytes([self.seq % 256]))
        set_aside.keep(self.source_url, self.grant.route_id, self.seq, left, digest)
        self._load(chosen, copied.rows, target_rows, data, digest)
        self.base = SourceState(
            seq=self.seq,
            digest=digest,
            snapshot=facts.snapshot,
            identity=facts.identity,
            triggers=facts.triggers,
            scope=source_facts.scope(self.grant),
            is_key_unique=facts.is_key_unique,
            rows=target_rows,
            set_aside=len(left),
            since_full=0,
        )
        return chosen

    def _load(self, chosen: Choice, rows: int, target_rows: int, data: io.BytesIO, digest: str) -> None:
        batch = _batch(
            route_id=self.grant.route_id,
            seq=self.seq,
            grant_id=self.grant.grant_id,
            kind=chosen.kind,
            rows=rows,
            target_rows=target_rows,
            digest=digest,
            previous_digest="" if self.base is None else self.base.digest,
            lease_epoch=self.seq,
        )
        data.seek(0)
        with department.connect(self.target_url, "target") as connection, connection.cursor() as cursor:
            head = marks.fence(cursor, batch.route_id, batch.lease_epoch)
            is_first = chosen.kind == "full" and not target.exists(cursor, self.grant)
            staging.create(cursor, batch, self.grant, chosen.kind, is_first=is_first)
            filled = sql.SQL(", ").join(map(sql.Identifier, staging.filled(self.grant, chosen.kind)))
            statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(staging.table(batch), filled)
            cursor.copy_expert(statement, data)
            staging.complete(cursor, batch, self.grant, chosen.kind, is_first=is_first)
            if chosen.kind != "full":
                merge.require_base(cursor, batch, self.grant, head)
            cursor.execute(sql.SQL("SELECT count(*) FROM ({}) r").format(merge.relation(batch, self.grant)))
            will_be_there = cursor.fetchone()[0]
            if target.is_adoptable(cursor, batch, self.grant):
                target.adopt(cursor, batch, self.grant)
                changed = rows
            else:
                target.prepare(cursor, batch, self.grant)
                last_merge.begin(cursor, batch, self.grant)
                deleted = merge.delete(batch, self.grant, is_kept=True)
                changed = merge.run(cursor, (*deleted, *merge.write(batch, self.grant, is_kept=True)))
            merge.require_rows(cursor, batch, self.grant)
            assert will_be_there == target_rows  # so what is checked on arrival is what is there then
            marks.mark(cursor, batch, changed)
            staging.drop(cursor, batch)
            connection.commit()

    def granted(self) -> list[Any]:
        """What the target should hold."""
        with source.snapshot(self.source_url, self.grant) as taken, taken.connection.cursor() as cursor:
            stays = sql.SQL("r.xm IS NULL") if "xm" in columns.fields(self.grant) else None
            cursor.execute(source.going(self.grant, taken.relation, stays))
            return sorted(cursor.fetchall(), key=str)

    def held(self) -> list[Any]:
        """What it holds."""
        fields_ = sql.SQL(", ").join(map(sql.Identifier, columns.fields(self.grant)))
        with department.connect(self.target_url, "target") as connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT {} FROM {}").format(fields_, target.table(self.grant)))
            return sorted(cursor.fetchall(), key=str)

    def require(self, kind: str, because: str | None = None) -> None:
        """Exchange, and find the target equal and the batch of this kind."""
        chosen = self.exchange()
        assert self.held() == self.granted()
        assert (chosen.kind, chosen.because) == (kind, chosen.because if because is None else because)


@dataclass
class _Writer:
    connection: Any
    cursor: Any
    table: str

    def run(self, statement: str) -> None:
        self.cursor.execute(statement.replace("{t}", self.table))

    def commit(self) -> None:
        self.connection.commit()

    def rollback(self) -> None:
        self.connection.rollback()


def _batch(**values: Any) -> Batch:
    return Batch(**{each.name: None for each in fields(Batch)} | values)
