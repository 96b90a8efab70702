"""Whole exchanges through the product's own steps: a route from one department's database to another's, by the relay.

Directory and relay serve from the measuring process (``tests.sim.town``: a simulated directory, the real relay over
HTTP), each end's steps run in a process of their own.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from benchmarks import _exchange_table as table
from exchange.department import libpq_url
from metadata.access import Grant, route_id
from metadata.resource import Item, MountColumn
from tests.sim.town import Route, Town, built

_TYPES = {
    "id": ("bigint", Item(name="序号", field="id", type_code="N", is_key=True, is_nullable=False)),
    "credit_code": ("character(18)", Item(name="统一社会信用代码", field="credit_code", length=18, is_nullable=False)),
    "name": ("text", Item(name="企业名称", field="name", length=100, is_nullable=False)),
    "legal_person": ("character varying(50)", Item(name="法定代表人", field="legal_person", length=50)),
    "region_code": ("character(6)", Item(name="行政区划", field="region_code", length=6)),
    "status_code": ("smallint", Item(name="登记状态", field="status_code", type_code="N")),
    "registered_on": ("date", Item(name="成立日期", field="registered_on", type_code="D")),
    "capital": ("numeric(18,2)", Item(name="注册资本", field="capital", type_code="N", precision=2)),
    "updated_at": ("timestamp with time zone", Item(name="更新时间", field="updated_at", type_code="T")),
    "address": ("text", Item(name="住所", field="address", length=200)),
    "is_active": ("boolean", Item(name="是否存续", field="is_active")),
    "details": ("jsonb", Item(name="其他", field="details")),
}


@dataclass
class Exchanged:
    """One batch from plan to closed at both ends: seconds by stage, highest memory in bytes by end."""

    seconds: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    peaks: dict[str, int] = field(default_factory=dict)
    sealed_bytes: int = 0

    @property
    def peak_bytes(self) -> int:
        """That of the end with more."""
        return max(self.peaks.values())


@dataclass
class Street:
    """The two ends and what lies between them."""

    town: Town

    def fill(self, name: str, rows: int) -> None:
        """The provider's table, with a primary key."""
        with self._provider() as connection:
            table.make(connection, name, rows)
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY (id)").format(sql.Identifier(name)))

    def change_a_tenth(self, name: str) -> None:
        """Every tenth row gets another name; then a checkpoint, so that the exchange does not pay for it."""
        with self._provider() as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(
                sql.SQL("UPDATE {} SET name = name || '更' WHERE id %% 10 = 0").format(sql.Identifier(name)), ()
            )
            cursor.execute(sql.SQL("VACUUM {}").format(sql.Identifier(name)))

    def route(self, name: str, suite: int = 1, mark: str = "") -> Route:
        """A countersigned grant of the table; ``mark`` tells routes over the same table apart."""
        identifier, mount_id = f"11000/{(name + mark).upper()}", "m1"
        grant = Grant(
            grant_id=f"g-{name}{mark}",
            route_id=route_id(identifier, mount_id, "gongan", "renshe"),
            request_id=f"q-{name}{mark}",
            resource_identifier=identifier,
            resource_code="303021070100/000003",
            resource_title="企业登记信息",
            resource_version=1,
            mount_id=mount_id,
            schema_name="public",
            table=name,
            columns=tuple(MountColumn(field=each, column=each, sql_type=_TYPES[each][0]) for each in table.COLUMNS),
            items=tuple(_TYPES[each][1] for each in table.COLUMNS),
            provider=self.town.end("gongan"),
            consumer=self.town.end("renshe"),
            target_table=f"{name}{mark}",
            purpose="基准测试",
            basis="基准测试",
            valid_from=date(2025, 1, 1),
            valid_until=datetime.now(UTC).date() + timedelta(days=30),
            provide_by_on=date(2030, 1, 1),
            minimum_suite=suite,
            issued_at=datetime.now(UTC),
        )
        route = Route(self.town, grant)
        self.town.directory.issue(grant)
        route.countersign()
        return route

    def exchange(self, route: Route, *, checks: bool = False) -> Exchanged:
        """Plan, send, receive, close. Stops with what is known when a batch does not get through."""
        done = Exchanged()
        began = time.perf_counter()
        seq = route.plan()
        done.stages["plan"] = time.perf_counter() - began
        self._work(done, "gongan", route, seq, checks, "stored")
        began = time.perf_counter()
        route.arrive()
        done.stages["arrive"] = time.perf_counter() - began
        self._work(done, "renshe", route, seq, checks, "closed")
        self._work(done, "gongan", route, seq, checks, "closed")
        done.seconds = sum(done.stages.values())
        done.sealed_bytes = route.batch("gongan", seq).size_bytes or 0
        return done

    def differing(self, route: Route) -> int:
        """Rows that differ between source and target, compared by their text and key."""
        fields = sql.SQL(", ").join(map(sql.Identifier, table.COLUMNS))
        digests = []
        for name, place in (
            ("gongan", sql.Identifier("public", route.grant.table)),
            ("renshe", sql.Identifier("shared", route.grant.target_table)),
        ):
            query = sql.SQL("SELECT count(*), sum(hashtextextended(ROW({})::text, 0)::numeric) FROM {}")
            with self._connect(name) as connection, connection.cursor() as cursor:
                cursor.execute(query.format(fields, place))
                digests.append(cursor.fetchone())
        return 0 if digests[0] == digests[1] else 1

    def drop_target(self, route: Route) -> None:
        """The received table goes, so that later exchanges find the disk as the first did."""
        with self._connect("renshe") as connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP TABLE shared.{}").format(sql.Identifier(route.grant.target_table)))

    def _work(self, done: Exchanged, name: str, route: Route, seq: int, checks: bool, state: str) -> None:
        command = [sys.executable, "-m", "benchmarks._exchange_step", str(self.town.homes[name]), route.route_id]
        command += [str(seq), *(["--checks"] if checks else [])]
        ran = subprocess.run(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True, check=True)
        told = json.loads(ran.stdout)
        if told["state"] != state:
            raise SystemExit(f"{name} {route.route_id}/{seq} is {told['state']} {told['code']}, not {state}")
        for before, seconds in told["steps"].items():
            stage = f"{'send' if name == 'gongan' else 'receive'}: {_STAGES[name, before]}"
            done.stages[stage] = done.stages.get(stage, 0.0) + seconds
        end = "provider" if name == "gongan" else "consumer"
        done.peaks[end] = max(done.peaks.get(end, 0), told["peak_bytes"])

    @contextmanager
    def _connect(self, name: str) -> Iterator[Any]:
        connection = psycopg2.connect(libpq_url(self.town.departments[name]))
        try:
            yield connection
            connection.commit()
        finally:
            connection.close()

    @contextmanager
    def _provider(self) -> Iterator[Any]:
        with self._connect("gongan") as connection:
            yield connection


_STAGES = {
    ("gongan", "due"): "extract, check, seal",
    ("gongan", "sealed"): "store at the relay",
    ("gongan", "stored"): "close",
    ("renshe", "stored"): "fetch",
    ("renshe", "fetched"): "verify",
    ("renshe", "verified"): "open and stage",
    ("renshe", "staged"): "check",
    ("renshe", "checked"): "apply",
    ("renshe", "applied"): "receipts",
}


@contextmanager
def street(folder: Path, new_database: Any) -> Iterator[Street]:
    """Build it, serve it, take it down."""
    with built(folder, new_database) as town:
        yield Street(town)
