"""A town for the exchange's tests: a simulated directory, the real relay, and two real nodes with real databases."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2

from directory.clock.today import shanghai_today
from exchange import fsck, ledger, plan, steps
from exchange.department import libpq_url
from exchange.keys import countersign, enrol
from exchange.ledger import Batch
from exchange.node import Node
from exchange.peers import sync
from exchange.ports import Checker
from exchange.relay.server import create_app
from exchange.steps import Outcome
from metadata.access import Grant, GrantEnd, RowFilter, route_id
from metadata.exchange import BatchStatus
from metadata.resource import Item, MountColumn
from standards.findings import Finding
from tests.sim.checker import SmallChecker
from tests.sim.directory import ORGANISATION, SimDirectory
from tests.sim.people import COLUMNS, ITEMS, people
from tests.sim.serving import served

_DEPARTMENTS = {
    "gongan": "示例市公安局",
    "minzheng": "示例市民政局",
    "renshe": "示例市人社局",
    "xinxi": "示例市信息办",
}


@dataclass
class Town:
    """Addresses and homes; nodes are opened by whoever uses them."""

    directory: SimDirectory
    directory_url: str
    relay_url: str
    relay_home: Path
    relay_database: str
    homes: dict[str, Path]
    departments: dict[str, str]
    databases: dict[str, str]
    made: int = field(default=0)

    @contextmanager
    def node(self, name: str, **more: Any) -> Iterator[Node]:
        with Node.open(self.homes[name], **more) as node:
            yield node

    def run(self, name: str, statement: str, parameters: Any = None) -> list[Any]:
        """One statement in a department's database."""
        return execute(self.departments[name], statement, parameters)

    def route(
        self,
        rows: list[Any] | None = None,
        *,
        row_filter: RowFilter | None = None,
        is_countersigned: bool = True,
        items: tuple[Item, ...] = ITEMS,
        columns: tuple[MountColumn, ...] = COLUMNS,
        minimum_suite: int = 1,
    ) -> "Route":
        """A new source table with rows, and a grant of it from gongan to renshe."""
        self.made += 1
        table = f"people_{self.made}_{secrets.token_hex(3)}"
        self.run(
            "gongan",
            f"CREATE TABLE {table} (id_no varchar(18), name text, region char(6), amount numeric(12,2),"
            " changed_at timestamptz, secret text DEFAULT '不授权的列')",
        )
        route = Route(
            self,
            self.grant_of(table, items, columns, row_filter).model_copy(update={"minimum_suite": minimum_suite}),
        )
        route.insert(people(10) if rows is None else rows)
        self.directory.issue(route.grant)
        if is_countersigned:
            route.countersign()
        return route

    def grant_of(
        self,
        table: str,
        items: tuple[Item, ...],
        columns: tuple[MountColumn, ...],
        row_filter: RowFilter | None = None,
    ) -> Grant:
        """Of a table at gongan to renshe; not issued."""
        identifier, mount_id = f"11000/{table.upper().replace('_', '')}", "m1"
        return Grant(
            grant_id=f"g-{table}",
            route_id=route_id(identifier, mount_id, "gongan", "renshe"),
            request_id="q-1",
            resource_identifier=identifier,
            resource_code="303021070100/000003",
            resource_title="常住人口基本信息",
            resource_version=1,
            mount_id=mount_id,
            schema_name="public",
            table=table,
            columns=columns,
            items=items,
            row_filter=row_filter,
            provider=self.end("gongan"),
            consumer=self.end("renshe"),
            target_table=table,
            purpose="社保核验",
            basis="依法履职",
            valid_from=date(2025, 1, 1),
            valid_until=shanghai_today() + timedelta(days=365),
            provide_by_on=date(2027, 1, 1),
            issued_at=datetime.now(UTC),
        )

    def link(self, provider: str, consumer: str, schema: str, table: str, target: str) -> Grant:
        """A countersigned grant of a table that stands at any node, its columns as the database has them."""
        facts = self.run(
            provider,
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = format('%%I.%%I', %s::text, %s::text)::regclass AND attnum > 0 AND NOT attisdropped",
            (schema, table),
        )
        types = dict(facts)
        columns = tuple(
            MountColumn(field=each.field, column=name, sql_type=types[name])
            for each in COLUMNS
            for name in (each.field if each.field in types else each.column,)
        )
        grant = self.grant_of(table, ITEMS, columns).model_copy(
            update={
                "grant_id": f"g-{provider}-{consumer}-{target}",
                "route_id": route_id(f"11000/{table}", schema, provider, consumer),
                "schema_name": schema,
                "provider": self.end(provider),
                "consumer": self.end(consumer),
                "target_table": target,
            }
        )
        self.directory.issue(grant)
        with self.node(provider) as node:
            node.feed.pull(node.directory.feed, node.now())
            digests = {item.grant.grant_id: item.digest for item in countersign.pending(node)}
            countersign.countersign(node, grant.grant_id, digests[grant.grant_id], "王处长")
        return grant

    def end(self, name: str) -> GrantEnd:
        with self.node(name) as node:
            return GrantEnd(
                org_code=ORGANISATION,
                org_name=_DEPARTMENTS[name],
                node_id=name,
                identity_key_id=node.keys.identity.key_id,
                sm2_identity_key_id=node.keys.signer(2).key_id,
                decryption_key_ids=tuple(node.keys.decryption),
            )


@dataclass
class Route:
    """One grant and what may be done with it."""

    town: Town
    grant: Grant

    @property
    def route_id(self) -> str:
        return self.grant.route_id

    @property
    def source(self) -> str:
        return self.grant.table

    def insert(self, rows: list[Any]) -> None:
        for row in rows:
            self.town.run(
                "gongan",
                f"INSERT INTO {self.source} (id_no, name, region, amount, changed_at) VALUES (%s, %s, %s, %s, %s)",
                row,
            )

    def countersign(self) -> None:
        with self.town.node("gongan") as node:
            node.feed.pull(node.directory.feed, node.now())
            waiting = {item.grant.grant_id: item.digest for item in countersign.pending(node)}
            countersign.countersign(node, self.grant.grant_id, waiting[self.grant.grant_id], "王处长")
        self.town.directory.valid_seconds = 60.0
        for name in ("gongan", "renshe"):
            self.pull(name)

    def pull(self, name: str) -> None:
        with self.town.node(name) as node:
            node.feed.pull(node.directory.feed, node.now())

    def plan(self) -> int:
        """Plan this route at its provider, as if its time had come; the sequence."""
        with self.town.node("gongan") as node:
            grant = plan.current_grant(node.trust(), self.route_id, node.now())
            if grant is not None:
                plan.plan_routes(node, [grant], node.now(), force=True)
            with node.engine.connect() as connection:
                last = ledger.last(connection, self.route_id)
        assert last is not None
        assert last.state == "due", last
        return last.seq

    def drive(self, name: str, seq: int, checker: Checker | None = None, **more: Any) -> Outcome:
        with self.town.node(name, **more) as node:
            return steps.drive(node, self.route_id, seq, checker or SmallChecker())

    def require(self, name: str, seq: int, state: str) -> None:
        """Drive, and fail with all that is known unless it ends in ``state``."""
        outcome = self.drive(name, seq)
        assert outcome.state == state, outcome

    def arrive(self) -> list[int]:
        with self.town.node("renshe") as node:
            plan.arrivals_of(node, node.trust(), self.route_id)
            with node.engine.connect() as connection:
                found = ledger.batches(connection, only_open=True)
        return [batch.seq for batch in found if batch.route_id == self.route_id and batch.state == "stored"]

    def send(self) -> int:
        """Plan, seal and store; the sequence."""
        seq = self.plan()
        self.require("gongan", seq, "stored")
        return seq

    def exchange(self) -> int:
        """Everything once, from plan to closed at both ends; the sequence."""
        seq = self.send()
        assert self.arrive() == [seq]
        self.require("renshe", seq, "closed")
        self.require("gongan", seq, "closed")
        return seq

    def objects(self, seq: int) -> list[Path]:
        """The files in which the relay keeps a batch, in order."""
        rows = execute(
            self.town.relay_database,
            "SELECT digest FROM segment WHERE route_id = %s AND seq = %s ORDER BY number",
            (self.route_id, seq),
        )
        return [self.town.relay_home / "store" / digest[:2] / digest for (digest,) in rows]

    def batch(self, name: str, seq: int) -> Batch:
        """A ledger row."""
        with self.town.node(name) as node, node.engine.connect() as connection:
            return ledger.find(connection, self.route_id, seq)

    def status(self, name: str, seq: int) -> BatchStatus:
        """What the directory has been told after a sync."""
        with self.town.node(name) as node:
            sync.sync(node)
        return self.town.directory.statuses[name, self.route_id, seq]

    def findings(self) -> list[Finding]:
        """What fsck finds on both nodes about this route."""
        found = []
        for name in ("gongan", "renshe"):
            with self.town.node(name) as node:
                found += fsck.fsck(node)
        mine = (self.route_id, self.route_id.removeprefix("r-"))
        return [finding for finding in found if any(part in finding.path for part in mine)]

    def nothing_loaded(self) -> bool:
        """No target table of this route, no staging table, no mark."""
        staged = self.town.run(
            "renshe",
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'hutong_stage' AND tablename LIKE %s",
            (f"s_{self.route_id.removeprefix('r-')}%",),
        )
        marked = self.town.run(
            "renshe", "SELECT count(*) FROM hutong.applied_batch WHERE route_id = %s", (self.route_id,)
        )
        return self.received_rows() == [] and staged == [(0,)] and marked == [(0,)]

    def sent_rows(self) -> list[Any]:
        """What the source holds, by the item fields' order."""
        return self.town.run(
            "gongan", f"SELECT id_no, name, region, amount::text, changed_at FROM {self.source} ORDER BY 1"
        )

    def received_rows(self) -> list[Any]:
        """What the target holds; empty when there is no table."""
        known = self.town.run("renshe", "SELECT to_regclass(%s)", (f"shared.{self.grant.target_table}",))
        if known == [(None,)]:
            return []
        return self.town.run(
            "renshe", f"SELECT gmsfhm, xm, xzqh, je::text, gxsj FROM shared.{self.grant.target_table} ORDER BY 1"
        )

    def renew(self, **changes: Any) -> "Route":
        """The same route under a new, countersigned grant."""
        grant = self.grant.model_copy(
            update={"grant_id": f"g-{secrets.token_hex(4)}", "issued_at": datetime.now(UTC)} | changes
        )
        route = replace(self, grant=grant)
        self.town.directory.issue(grant)
        route.countersign()
        return route


def execute(url: str, statement: str, parameters: Any = None) -> list[Any]:
    connection = psycopg2.connect(libpq_url(url))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@contextmanager
def built(
    folder: Path, new_database: Callable[[], str], names: tuple[str, ...] = ("gongan", "renshe")
) -> Iterator[Town]:
    """Build it, serve it, and take it down; with a node for each of ``names``."""
    directory = SimDirectory()
    with served(directory.app) as directory_url:
        fingerprint = directory.key.key_id
        relay_database, relay_home = new_database(), folder / "relay"
        settings = enrol.init_relay(relay_home, "relay", directory_url, fingerprint, directory.token(), relay_database)
        with served(create_app(settings)) as relay_url:
            homes, departments, databases = {}, {}, {}
            for name in names:
                homes[name], databases[name], departments[name] = folder / name, new_database(), new_database()
                enrol.init(
                    homes[name],
                    name,
                    directory_url,
                    fingerprint,
                    directory.token(),
                    databases[name],
                    departments[name],
                    relay_url,
                )
            yield Town(directory, directory_url, relay_url, relay_home, relay_database, homes, departments, databases)
