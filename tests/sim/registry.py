"""Two tables that go together: companies, and licences that refer to them, granted as one group and driven together."""

import secrets
from dataclasses import dataclass
from typing import Any

from exchange import fsck, ledger, plan, steps
from exchange.keys import countersign
from exchange.ledger import Batch
from exchange.ports import Checker
from exchange.steps import Outcome
from metadata.access import Grant, route_id
from metadata.resource import Item, MountColumn
from tests.sim.checker import SmallChecker
from tests.sim.town import Town

CODE = Item(name="统一社会信用代码", field="tyshxydm", length=18, is_key=True, is_nullable=False)
COMPANY = (CODE, Item(name="企业名称", field="qymc", length=20, is_nullable=False))
LICENCE = (Item(name="许可证号", field="xkzh", length=20, is_key=True, is_nullable=False), CODE)
_COLUMNS = {
    "tyshxydm": ("code", "character varying(18)"),
    "qymc": ("name", "text"),
    "xkzh": ("number", "character varying(20)"),
}


@dataclass
class Registry:
    """``companies`` and ``licences`` are the grants; both tables have the names of their targets."""

    town: Town
    companies: Grant
    licences: Grant

    @classmethod
    def made(cls, town: Town, *, is_countersigned: bool = True) -> "Registry":
        """Both tables at gongan, with a foreign key, and a company with its licence."""
        tail = secrets.token_hex(3)
        company, licence = f"company_{tail}", f"licence_{tail}"
        town.run("gongan", f"CREATE TABLE {company} (code varchar(18) PRIMARY KEY, name text)")
        town.run(
            "gongan",
            f"CREATE TABLE {licence} (number varchar(20) PRIMARY KEY, code varchar(18) NOT NULL REFERENCES {company})",
        )
        grants = [
            _grant(town, table, items, number)
            for number, (table, items) in enumerate([(company, COMPANY), (licence, LICENCE)])
        ]
        group = tuple(sorted(grant.route_id for grant in grants))
        companies, licences = (grant.model_copy(update={"snapshot_group": group}) for grant in grants)
        registry = cls(town, companies, licences)
        for grant in (companies, licences):
            town.directory.issue(grant)
        registry.insert(1)
        if is_countersigned:
            registry.countersign()
        return registry

    @property
    def grants(self) -> tuple[Grant, Grant]:
        return self.companies, self.licences

    def countersign(self, *grants: Grant) -> None:
        with self.town.node("gongan") as node:
            node.feed.pull(node.directory.feed, node.now())
            waiting = {item.grant.grant_id: item.digest for item in countersign.pending(node)}
            for grant in grants or self.grants:
                countersign.countersign(node, grant.grant_id, waiting[grant.grant_id], "王处长")
        self.town.directory.valid_seconds = 60.0
        self.pull()

    def change(self, to: str) -> None:
        """Suspend or resume the licences' grant, and let both nodes know."""
        self.town.directory.change(self.licences.grant_id, to)
        self.pull()

    def pull(self) -> None:
        for name in ("gongan", "renshe"):
            with self.town.node(name) as node:
                node.feed.pull(node.directory.feed, node.now())

    def insert(self, *numbers: int) -> None:
        """Companies, each with its licence, in one transaction."""
        for number in numbers:
            self.town.run(
                "gongan",
                f"INSERT INTO {self.companies.table} VALUES ('C{number}', '企业{number}');"
                f"INSERT INTO {self.licences.table} VALUES ('L{number}', 'C{number}')",
            )

    def plan(self) -> None:
        """As if the time had come; for both or neither."""
        with self.town.node("gongan") as node:
            grants = [plan.current_grant(node.trust(), route, node.now()) for route in self.companies.snapshot_group]
            plan.plan_routes(node, [grant for grant in grants if grant is not None], node.now(), force=True)

    def drive(self, name: str, grant: Grant, checker: Checker | None = None) -> Outcome:
        """The newest batch of one table."""
        batch = self.batch(name, grant)
        with self.town.node(name) as node:
            return steps.drive(node, grant.route_id, batch.seq, checker or SmallChecker())

    def arrive(self) -> None:
        with self.town.node("renshe") as node:
            for grant in self.grants:
                plan.arrivals_of(node, node.trust(), grant.route_id)

    def exchange(self) -> None:
        """Everything once, until both are closed at both ends."""
        self.plan()
        self.finish()

    def finish(self) -> None:
        for _ in range(6):
            for grant in self.grants:
                self.drive("gongan", grant)
            self.arrive()
            for grant in self.grants:
                if self.has("renshe", grant):
                    self.drive("renshe", grant)
            if self.states("gongan") == ["closed", "closed"]:
                break
        assert self.states("gongan") == self.states("renshe") == ["closed", "closed"], self.told()

    def has(self, name: str, grant: Grant) -> bool:
        with self.town.node(name) as node, node.engine.connect() as connection:
            return ledger.last(connection, grant.route_id) is not None

    def batch(self, name: str, grant: Grant) -> Batch:
        with self.town.node(name) as node, node.engine.connect() as connection:
            found = ledger.last(connection, grant.route_id)
        assert found is not None
        return found

    def states(self, name: str) -> list[str]:
        return [self.batch(name, grant).state for grant in self.grants]

    def told(self) -> list[Any]:
        return [
            (name, batch.subject, batch.state, batch.code)
            for name in ("gongan", "renshe")
            for batch in (self.batch(name, grant) for grant in self.grants if self.has(name, grant))
        ]

    def sent(self) -> list[Any]:
        return [self.town.run("gongan", f"SELECT * FROM {grant.table} ORDER BY 1") for grant in self.grants]

    def received(self) -> list[Any]:
        """Both tables; None for one that is not there."""
        found: list[Any] = []
        for grant in self.grants:
            fields = ", ".join(column.field for column in grant.columns)
            known = self.town.run("renshe", "SELECT to_regclass(%s)", (f"shared.{grant.target_table}",))
            is_there = known != [(None,)]
            found.append(
                self.town.run("renshe", f"SELECT {fields} FROM shared.{grant.target_table} ORDER BY 1")
                if is_there
                else None
            )
        return found

    def refer(self) -> None:
        """The consumer's administrator puts the same foreign key between the received tables."""
        self.town.run(
            "renshe",
            f"ALTER TABLE shared.{self.companies.target_table} ADD UNIQUE (tyshxydm);"
            f"ALTER TABLE shared.{self.licences.target_table} ADD FOREIGN KEY (tyshxydm)"
            f" REFERENCES shared.{self.companies.target_table} (tyshxydm)",
        )

    def findings(self) -> list[Any]:
        """What fsck finds on both nodes about these routes."""
        found = []
        for name in ("gongan", "renshe"):
            with self.town.node(name) as node:
                found += fsck.fsck(node)
        mine = [grant.route_id.removeprefix("r-") for grant in self.grants]
        return [finding for finding in found if any(part in finding.path for part in mine)]


def _grant(town: Town, table: str, items: tuple[Item, ...], number: int) -> Grant:
    columns = tuple(
        MountColumn(field=item.field, column=_COLUMNS[item.field][0], sql_type=_COLUMNS[item.field][1])
        for item in items
    )
    base = town.grant_of(table, items, columns)
    route = route_id(base.resource_identifier, f"m{number}", "gongan", "renshe")
    return base.model_copy(update={"mount_id": f"m{number}", "route_id": route})
