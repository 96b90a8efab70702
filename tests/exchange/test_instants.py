"""Tables of one grant group: one instant at the source, one transaction at the target, and nothing in between."""

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import psycopg2
import pytest

from exchange import plan, steps
from exchange.department import libpq_url
from exchange.errors import ExchangeError
from exchange.ports import Checked, CheckSubject
from exchange.provider import publish
from exchange.redrive import redrive
from metadata.exchange import InstantMember, Manifest
from metadata.signed import Signed
from tests.sim import processes
from tests.sim.checker import SmallChecker
from tests.sim.registry import Registry
from tests.sim.town import Town

AT_PROVIDER = ("seal.one_of_several",)
AT_CONSUMER = ("apply.one_of_several", "apply.before_commit")


class Strict(SmallChecker):
    """Finds fault with one table, wherever it is."""

    def __init__(self, route_id: str) -> None:
        self.route_id = route_id

    def check(self, subject: CheckSubject) -> Checked:
        checked = super().check(subject)
        is_it = subject.subject.startswith(self.route_id)
        return replace(checked, holds=("never",)) if is_it else checked


@contextlib.contextmanager
def _busy(registry: Registry) -> Iterator[list[str]]:
    """A writer at the source puts in a company with its licence, and takes the one before out, without end; a reader at
    the target looks at both tables in one snapshot, and says what it saw amiss.
    """
    town, done, amiss = registry.town, threading.Event(), list[str]()
    company, licence = registry.companies.table, registry.licences.table

    def write() -> None:
        number = 100
        with contextlib.closing(psycopg2.connect(libpq_url(town.departments["gongan"]))) as connection:
            while not done.wait(0.003):
                number += 1
                with connection, connection.cursor() as cursor:
                    cursor.execute(f"INSERT INTO {company} VALUES ('C{number}', 'x')")
                    cursor.execute(f"INSERT INTO {licence} VALUES ('L{number}', 'C{number}')")
                    cursor.execute(f"DELETE FROM {licence} WHERE code = 'C{number - 3}'")
                    cursor.execute(f"DELETE FROM {company} WHERE code = 'C{number - 3}'")

    def read(isolation: str) -> None:
        with contextlib.closing(psycopg2.connect(libpq_url(town.departments["renshe"]))) as connection:
            connection.set_session(isolation_level=isolation)
            while not done.wait(0.003):  # so that others get to work too
                with connection, connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT to_regclass(%s), to_regclass(%s)", (f"shared.{company}", f"shared.{licence}")
                    )
                    (one, other) = cursor.fetchone()
                    if one is None or other is None:
                        amiss.extend([f"{one} without {other}"] if one or other else [])
                        continue
                    cursor.execute(
                        f"SELECT (SELECT count(*) FROM shared.{company}), (SELECT count(*) FROM shared.{licence}),"
                        f" (SELECT count(*) FROM shared.{company} c FULL JOIN shared.{licence} l USING (tyshxydm)"
                        " WHERE c.qymc IS NULL OR l.xkzh IS NULL)"
                    )
                    companies, licences, widowed = cursor.fetchone()
                    if widowed or companies != licences:
                        amiss.append(f"{companies} companies, {licences} licences, {widowed} without the other")

    threads = [threading.Thread(target=write)]
    threads += [threading.Thread(target=read, args=(level,)) for level in ("READ COMMITTED", "REPEATABLE READ")]
    for thread in threads:
        thread.start()
    try:
        yield amiss
    finally:
        done.set()
        for thread in threads:
            thread.join()


def test_nobody_ever_sees_a_licence_without_its_company(town: Town) -> None:
    registry = Registry.made(town)
    with _busy(registry) as amiss:
        registry.exchange()  # makes both tables
        registry.refer()
        registry.exchange()
    assert amiss == []
    company, licence = registry.companies.table, registry.licences.table
    town.run(  # a licence goes to a new company and the old one goes: with an immediate foreign key one order does it
        "gongan",
        f"INSERT INTO {company} VALUES ('C3', '新企业'); UPDATE {licence} SET code = 'C3' WHERE number = 'L1';"
        f"DELETE FROM {company} WHERE code = 'C1'",
    )
    registry.exchange()
    assert registry.received() == registry.sent()
    assert registry.batch("renshe", registry.licences).kind == "increment"
    assert registry.findings() == []


@pytest.mark.parametrize("odd", [0, 1])
def test_no_older_snapshot_sees_one_first_load_without_the_other(town: Town, odd: int) -> None:
    """One of the staged tables cannot become the received one; so the other does not either."""
    registry = Registry.made(town)
    registry.plan()
    for grant in registry.grants:
        registry.drive("gongan", grant)
    registry.arrive()
    with town.node("renshe") as node:
        for grant in registry.grants:
            seq = registry.batch("renshe", grant).seq
            while steps.step(node, grant.route_id, seq, SmallChecker()).state != "checked":
                pass
    staged = f"s_{registry.grants[odd].route_id.removeprefix('r-')}_1"
    town.run("renshe", f"ALTER TABLE hutong_stage.{staged} DROP CONSTRAINT {staged}_pkey")
    with contextlib.closing(psycopg2.connect(libpq_url(town.departments["renshe"]))) as reader:
        reader.set_session(isolation_level="REPEATABLE READ")
        with reader.cursor() as cursor:
            cursor.execute("SELECT 1")  # from now on it sees the target as it is now
            registry.finish()
            counts = " + ".join(f"(SELECT count(*) FROM shared.{grant.target_table})" for grant in registry.grants)
            cursor.execute(f"SELECT {counts}")
            assert cursor.fetchone()[0] in (0, 2)
    assert registry.received() == registry.sent()
    assert registry.findings() == []


def test_none_goes_before_all_are_countersigned(town: Town) -> None:
    registry = Registry.made(town, is_countersigned=False)
    registry.countersign(registry.licences)
    with town.node("gongan") as node:
        routes = {ref.route_id for ref in plan.plan(node, node.now())}
    assert not routes & set(registry.companies.snapshot_group)
    registry.countersign(registry.companies)
    with town.node("gongan") as node:
        routes = {ref.route_id for ref in plan.plan(node, node.now())}
    assert routes >= set(registry.companies.snapshot_group)


def test_what_the_checks_hold_back_holds_back_all(town: Town) -> None:
    registry = Registry.made(town)
    registry.plan()
    strict = Strict(registry.licences.route_id)
    for grant in (*registry.grants, *registry.grants):
        registry.drive("gongan", grant, strict)
    assert registry.told()[:2] == [
        ("gongan", f"{registry.companies.route_id}/1", "due", "INSTANT_WAITS"),
        ("gongan", f"{registry.licences.route_id}/1", "held", "QUALITY_FAILED"),
    ]
    assert registry.licences.route_id in registry.batch("gongan", registry.companies).explanation_zh
    registry.insert(2)  # what goes in the end is of the instant when it goes
    with town.node("gongan") as node:
        redrive(node, registry.licences.route_id, 1, "王处长")
    registry.finish()
    assert registry.received() == registry.sent()


def test_what_is_refused_on_arrival_is_refused_and_sealed_anew_for_all(town: Town) -> None:
    registry = Registry.made(town)
    registry.plan()
    strict = Strict(registry.companies.route_id)
    for grant in registry.grants:
        registry.drive("gongan", grant)
    registry.arrive()
    registry.drive("renshe", registry.licences)
    assert registry.batch("renshe", registry.licences).code == "INSTANT_WAITS"
    registry.drive("renshe", registry.companies, strict)
    registry.drive("renshe", registry.licences)
    assert [registry.batch("renshe", grant).code for grant in registry.grants] == [
        "QUALITY_FAILED_TARGET",
        "INSTANT_REFUSED",
    ]
    assert registry.received() == [None, None]
    registry.drive("gongan", registry.companies)
    with town.node("gongan") as node, pytest.raises(ExchangeError) as raised:
        redrive(node, registry.companies.route_id, 1, "王处长")
    assert raised.value.code == "INSTANT_OPEN"  # the other's refusal has not come yet
    registry.drive("gongan", registry.licences)
    assert registry.states("gongan") == ["quarantined", "quarantined"]
    with town.node("gongan") as node:
        assert redrive(node, registry.licences.route_id, 1, "王处长").seq == 2
    assert [registry.batch("gongan", grant).replaces_seq for grant in registry.grants] == [1, 1]
    registry.finish()
    assert registry.received() == registry.sent()


def test_what_the_target_has_lost_is_sealed_anew_at_once_for_all(town: Town) -> None:
    registry = Registry.made(town)
    registry.exchange()
    town.run("renshe", f"DELETE FROM shared.{registry.companies.target_table}")
    registry.insert(2)
    registry.exchange()
    assert registry.received() == registry.sent()
    assert [batch.replaces_seq for batch in (registry.batch("gongan", grant) for grant in registry.grants)] == [2, 2]


def test_a_suspended_grant_stops_its_whole_group(town: Town) -> None:
    registry = Registry.made(town)
    registry.plan()
    for grant in registry.grants:
        registry.drive("gongan", grant)
    registry.arrive()
    registry.drive("renshe", registry.companies)
    assert registry.batch("renshe", registry.companies).state == "checked"
    with town.node("renshe") as node:
        assert steps.step(node, registry.licences.route_id, 1, SmallChecker()).state == "fetched"
    registry.change("suspended")
    registry.drive("renshe", registry.licences)
    registry.drive("renshe", registry.companies)
    assert registry.received() == [None, None]
    registry.change("active")
    registry.finish()
    assert registry.received() == registry.sent()


def test_killed_and_started_again(town: Town) -> None:
    registries = {point: Registry.made(town) for point in (*AT_PROVIDER, *AT_CONSUMER)}
    for point, registry in registries.items():
        registry.plan()
        name = "gongan" if point in AT_PROVIDER else "renshe"
        if name == "renshe":
            for grant in registry.grants:
                registry.drive("gongan", grant)
            registry.arrive()
            registry.drive("renshe", registry.companies)
        processes.die(town, name, point, "drive", registry.licences.route_id, "1")
        assert registry.received() == (registry.sent() if point == "apply.before_commit" else [None, None])
        registry.finish()
        assert registry.received() == registry.sent()
        for home in town.homes.values():
            assert not [path for grant in registry.grants for path in (home / "spool").glob(f"{grant.route_id}-*.part")]
    assert [finding for registry in registries.values() for finding in registry.findings()] == []
    # An instant that is there in part is found:
    town.run("renshe", "DELETE FROM hutong.applied_batch WHERE route_id = %s", (registry.licences.route_id,))
    assert "fsck.I15" in {finding.rule for finding in registry.findings()}


def test_workers_at_once_do_it_once(town: Town) -> None:
    registry = Registry.made(town)
    registry.plan()
    for name in ("gongan", "gongan", "renshe", "renshe"):
        there = [grant for grant in registry.grants if registry.has(name, grant)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(partial(registry.drive, name), there * 2))
        registry.arrive()
    registry.finish()
    assert registry.received() == registry.sent()
    done = "SELECT count(*), count(DISTINCT xmin::text) FROM hutong.applied_batch WHERE route_id = ANY (%s)"
    assert town.run("renshe", done, (list(registry.companies.snapshot_group),)) == [(2, 1)]  # one transaction


@pytest.mark.parametrize("is_named", [False, True], ids=["of no instant", "with another batch"])
def test_a_provider_that_says_two_things_of_one_instant_is_refused(town: Town, is_named: bool) -> None:
    registry = Registry.made(town)
    registry.plan()
    companies, licences = registry.grants
    with town.node("gongan") as node:
        steps.step(node, companies.route_id, 1, SmallChecker())
        batch = registry.batch("gongan", companies)
        places = {companies.route_id: batch.digest, licences.route_id: "0" * 64}
        said = [InstantMember(route_id=route, seq=1, digest=digest) for route, digest in sorted(places.items())]
        manifest = Manifest(
            route_id=batch.route_id,
            seq=1,
            previous_digest="",
            grant_id=batch.grant_id,
            suite=1,
            digest=batch.digest,
            size_bytes=batch.size_bytes or 0,
            segments=publish.upload(node, batch),
            instant=tuple(said) if is_named else (),
            created_at=node.now(),
        )
        node.relay.announce(batch.route_id, Signed.sign("manifest/1", manifest, node.keys.identity))
    registry.drive("gongan", licences)
    registry.arrive()
    for grant in (companies, licences, companies):
        registry.drive("renshe", grant)
    told = [registry.batch("renshe", grant).code for grant in registry.grants]
    assert told[0] == "MANIFEST_BAD" or told == ["INSTANT_REFUSED", "MANIFEST_BAD"]
    assert registry.received() == [None, None]
