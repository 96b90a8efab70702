"""Requests in flight: worklist and supervision pages by HTTP, every light, decisions against a bare application.

    hutong bench requests
    python -m benchmarks.requests [--requests N] [--seconds N] [--seed N] [--cluster URL] [--json]

Without ``--cluster`` (a superuser's address) it starts a PostgreSQL of its own. What is measured and how is in
benchmarks/README.md.
"""

import argparse
import contextlib
import json
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2
from psycopg2 import sql
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import sessionmaker

from benchmarks._requests_bare import TABLES
from benchmarks._requests_bars import Result, bars, percentile
from benchmarks._requests_city import APPROVERS, DEPARTMENTS, PASSWORD, REASON, REVIEWERS, BenchCity
from benchmarks._requests_fill import fill, refresh
from benchmarks._requests_serve import Call, bare, load, served
from directory.access.models import RequestRow
from directory.accounts.models import Account
from directory.accounts.sign_in import sign_in
from directory.audit.models import AuditLog, AuditOut
from directory.clock.deadlines import Due, day_of, light
from directory.clock.queries import calendar
from directory.db import make_engine
from directory.errors import DirectoryError
from directory.migrate import migrate
from directory.reminders.remind import remind
from directory.settings import DirectorySettings
from hutong.postgres import Cluster

WORKERS = 2
_PAGES = 600
_LISTS = (10, 50)


@dataclass(frozen=True)
class Stage:
    """A migrated database with a city in it."""

    city: BenchCity
    url: str
    dsn: str


def stage(superuser: URL, folder: Path, name: str) -> Stage:
    """A new database of this name, owned by the superuser."""
    plain = superuser.set(drivername="postgresql")
    admin = psycopg2.connect(plain.render_as_string(hide_password=False))
    admin.autocommit = True
    with contextlib.closing(admin), admin.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = superuser.set(database=name).render_as_string(hide_password=False)
    folder.mkdir(parents=True, exist_ok=True)
    settings = DirectorySettings(home=folder, database_url=url)
    migrate(settings)
    city = BenchCity(settings, sessionmaker(make_engine(url)))
    city.build()
    return Stage(city, url, plain.set(database=name).render_as_string(hide_password=False))


def run(url: URL, folder: Path, count: int, seed: int, seconds: float) -> Result:
    """Fill, then lights, pages, decisions, the bare application. Raises ``SystemExit`` when something is refused."""
    made = stage(url, folder, f"requests_{count}")
    driven = fill(made.city, made.dsn, count, seed)
    refresh(made.dsn)
    print(f"{count:,} requests, {driven} of them driven by the verbs", file=sys.stderr)
    lights = _lights(made)
    tokens = _tokens(made)
    with served(made.city.settings, WORKERS) as ours:
        _until_logged(made)  # what the filling queued
        pages = load(ours, _page_calls(tokens, seed))
        before, decisions = _audited(made), _decisions(made, tokens, seed)
        decided = load(ours, decisions[::3], seconds)
        listed = {size: load(ours, _lists(decisions[at::3], size, seed), seconds) for at, size in enumerate(_LISTS, 1)}
        behind = _until_logged(made)
    audited = _audited(made) - before
    _make_bare_tables(made)
    with bare(made.url, _decider(made), folder, WORKERS) as theirs:
        one_row, rows = (load(theirs, _bare_decisions(made, path), seconds) for path in ("transitions", "rows"))
    singly, per_second, record = (_rate(each) for each in (decided, one_row, rows))
    rates = {size: _rate(each) for size, each in listed.items()}
    done = decided["done"] + sum(each["done"] for each in listed.values())
    return Result(count, pages["took"], lights, singly, rates, per_second, record, audited, done, behind)


def _rate(load: dict[str, Any]) -> float:
    return float(load["done"] / load["seconds"])


def _lights(made: Stage) -> float:
    """How long it takes to work out the light of every running term anew, and what is to be reminded of."""
    began, now = time.perf_counter(), datetime.now(UTC)
    with made.city.sessions() as session:
        days, today = calendar(session), day_of(now)
        query = select(RequestRow.counted_from, RequestRow.limit_days, RequestRow.due_on)
        for term in session.execute(query.where(RequestRow.due_on.is_not(None))):
            light(Due(*term), today, days)
    with made.city.sessions() as session:
        remind(session, now)
        session.rollback()
    return time.perf_counter() - began


def _tokens(made: Stage) -> dict[str, str]:
    """Everybody signed in."""
    found = {}
    for username in made.city.people:
        with made.city.sessions.begin() as session:
            signed = sign_in(
                session,
                username=username,
                password=PASSWORD,
                address="bench",
                kind="api",
                hours=8,
                now=datetime.now(UTC),
            )
        if isinstance(signed, DirectoryError):
            raise SystemExit(str(signed))
        found[username] = signed.token
    return found


def _page_calls(tokens: dict[str, str], seed: int) -> list[Call]:
    """Pages as the four users ask for them, in a mixed order."""
    randoms = random.Random(seed)
    found: list[Call] = []
    for _ in range(_PAGES):
        department = randoms.randint(1, DEPARTMENTS)
        office = randoms.choice(
            [f"reviewer{randoms.randint(1, REVIEWERS)}", f"approver{randoms.randint(1, APPROVERS)}"]
        )
        who = randoms.choice([office, f"lead{department}", f"clerk{department}"])
        tab = randoms.choice(["todo", "todo", "done", "mine"])
        found.append((f"worklist {tab}", "GET", f"/api/v1/worklist?tab={tab}", tokens[who], None))
        if not who.startswith("clerk"):
            colour = randoms.choice(["", "", "?light=red", "?light=amber"])
            found.append((f"supervision{colour}", "GET", f"/api/v1/supervision{colour}", tokens[who], None))
    return found


def _decisions(made: Stage, tokens: dict[str, str], seed: int) -> list[Call]:
    """A decision on each of many requests: half of them accepted, a third answered, the rest approved to be sent."""
    randoms = random.Random(seed)
    leads = {code: f"lead{number}" for number, code in enumerate(made.city.orgs, 1)}
    kinds = (("submitted", "acceptance", 5), ("submitted", "provider", 3), ("draft", "", 2))
    found: list[list[Call]] = []
    with made.city.sessions() as session:
        for state, at, share in kinds:
            query = select(RequestRow).where(RequestRow.state == state, RequestRow.stage == at)
            rows = session.scalars(query.order_by(RequestRow.id).limit(share * 4000))  # ids are drawn at random
            found.append([_decision(row, leads, tokens, randoms) for row in rows])
    calls = [call for each in found for call in each]
    randoms.shuffle(calls)
    return calls


def _lists(decisions: Sequence[Call], size: int, seed: int) -> list[Call]:
    """The same decisions as people tick them in their lists: what one person says of up to ``size`` requests."""
    alike: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for kind, _, path, token, said in decisions:
        alike[kind, token, json.dumps(said)].append(path.split("/")[-2])
    found: list[Call] = [
        (
            f"{kind}, listed",
            "POST",
            "/api/v1/requests/transitions",
            token,
            json.loads(said) | {"ids": ids[at : at + size]},
        )
        for (kind, token, said), ids in alike.items()
        for at in range(0, len(ids), size)
    ]
    random.Random(seed).shuffle(found)
    return found


def _decision(row: RequestRow, leads: dict[str, str], tokens: dict[str, str], randoms: random.Random) -> Call:
    if row.state == "draft":
        who, said = leads[row.requester_org], {"to": "req_approved"}
    elif row.stage == "acceptance":
        who, said = f"reviewer{randoms.randint(1, REVIEWERS)}", {"to": "accepted"}
    else:
        who = leads[row.provider_org]
        said = randoms.choice([{"to": "agreed"}, {"to": "agreed"}, {"to": "refused", "reason": REASON}])
    return (said["to"], "POST", f"/api/v1/requests/{row.id}/transitions", tokens[who], dict(said))


def _bare_decisions(made: Stage, path: str) -> list[Call]:
    query = select(RequestRow.id).limit(40_000)
    if path == "rows":
        query = query.where(RequestRow.state == "submitted", RequestRow.stage == "acceptance")
    with made.city.sessions() as session:
        ids = session.scalars(query).all()
    return [("bare", "POST", f"/requests/{each}/{path}", "", {"to": "accepted"}) for each in ids]


def _audited(made: Stage) -> int:
    """Entries of decisions in the log and in its queue."""
    with made.city.sessions() as session:
        taken = session.scalar(select(func.count()).select_from(AuditLog)) or 0
        return taken + (session.scalar(select(func.count()).select_from(AuditOut)) or 0)


def _until_logged(made: Stage) -> float:
    """How long it takes until the log holds all that was queued."""
    began = time.perf_counter()
    while True:
        with made.city.sessions() as session:
            if not session.scalar(select(func.count()).select_from(AuditOut)):
                return time.perf_counter() - began
        time.sleep(0.05)


def _make_bare_tables(made: Stage) -> None:
    with contextlib.closing(psycopg2.connect(made.dsn)) as connection, connection.cursor() as cursor:
        for each in TABLES:
            cursor.execute(each)
        cursor.execute("INSERT INTO bare_request SELECT id, state FROM request")
        connection.commit()


def _decider(made: Stage) -> UUID:
    with made.city.sessions() as session:
        return session.scalars(select(Account.id).where(Account.username == "reviewer1")).one()


def _show(result: Result) -> None:
    console = Console()
    table = Table("page", "asked", "median ms", "p99 ms")
    for kind, took in sorted(result.pages.items()):
        numbers = (f"{percentile(took, part) * 1e3:.1f}" for part in (0.5, 0.99))
        table.add_row(kind, str(len(took)), *numbers)
    console.print(table)
    console.print(
        f"{result.decisions_per_second:.1f} decisions a second one by one"
        f" ({result.decisions_per_second / result.bare_per_second:.2f} of the bare application's),"
        f" {', '.join(f'{rate:.1f} in lists of {size}' for size, rate in result.listed_per_second.items())}"
        f" ({result.decided} in all, the log {result.behind_seconds:.1f} s behind at the end);"
        f" the bare application {result.bare_per_second:.1f}, and"
        f" {result.record_per_second:.1f} where it writes what an acceptance leaves; every light in"
        f" {result.lights_seconds:.2f} s"
    )
    for bar in bars(result):
        console.print(str(bar))


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.requests", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long decisions go on")
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--cluster", default="", help="superuser's address of a running PostgreSQL")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hutong-bench-")))
        url = make_url(given.cluster) if given.cluster else None
        if url is None:
            url = make_url(stack.enter_context(Cluster(folder / "cluster").running()).superuser_url())
        result = run(url, folder / "home", given.requests, given.seed, given.seconds)
    if given.json:
        held = [asdict(each) | {"is_met": each.is_met} for each in bars(result)]
        print(json.dumps({"seed": given.seed, "result": asdict(result), "bars": held}))
    else:
        _show(result)


if __name__ == "__main__":
    main()
