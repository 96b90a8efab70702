"""The requests benchmark in small: copies of a history are requests like their original, and each bar is told."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import sessionmaker

from benchmarks._requests_bars import Result, bars, percentile
from benchmarks._requests_city import BenchCity
from benchmarks._requests_fill import fill
from directory.access.models import RequestClock, RequestRow, RequestStep
from directory.access.permitted import legal_acts
from directory.access.views import view
from directory.actors import Actor
from directory.clock.deadlines import day_of
from directory.db import make_engine
from directory.migrate import migrate
from directory.notices.models import Notice
from directory.settings import DirectorySettings
from directory.worklist.requests import counts

DONE = Result(
    100_000, {"worklist todo": [0.02] * 99 + [0.09]}, 2.5, 31.0, {50: 80.0, 10: 45.0}, 100.0, 60.0, 900, 900, 0.5
)


def test_copies_are_requests_like_their_original(
    new_database: Callable[[], str], cluster_url: URL, tmp_path: Path
) -> None:
    owner = make_url(new_database())
    url = cluster_url.set(database=owner.database)
    settings = DirectorySettings(home=tmp_path, database_url=url.render_as_string(hide_password=False))
    migrate(settings)
    engine = make_engine(settings.database_url)
    city = BenchCity(settings, sessionmaker(engine), departments=3)
    city.build()
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    assert fill(city, dsn, 48, seed=3) == 24
    with city.sessions() as session:
        rows = session.scalars(select(RequestRow)).all()
        states = Counter((row.state, row.stage) for row in rows)
        assert len(rows) == 48
        assert all(number % 2 == 0 for number in states.values()), states
        for model in (RequestStep, RequestClock, Notice):
            assert (session.scalar(select(func.count()).select_from(model)) or 0) % 2 == 0
        today = day_of(max(row.created_at for row in rows))
        for row in rows:
            reader = city.people["approver1"] if row.first_submitted_at else _lead(city, row)
            assert [step.seq for step in view(session, reader, row.id, today).steps] == list(range(1, row.step_seq + 1))
            legal_acts(session, reader, row, today)
        counted = counts(session, city.people["reviewer1"], today, "todo")
        assert counted.numbers["todo"] == states["submitted", "acceptance"]
    engine.dispose()


def _lead(city: BenchCity, row: RequestRow) -> Actor:
    return city.people[f"lead{city.orgs.index(row.requester_org) + 1}"]


def test_every_bar_is_told_with_its_value() -> None:
    assert [str(each) for each in bars(DONE)] == [
        "PASS pages' p99 in ms 90.00, at most 100.00",
        "PASS every light and reminder in s 2.50, at most 5.00",
        "PASS decisions a second, one by one 31.00, at least 30.00",
        "PASS of the bare application's rate, in lists of 10 0.45, at least 0.40",
        "PASS audit entries of a decision 1.00, at least 1.00",
    ]
    worse = replace(
        DONE, lights_seconds=5.1, decisions_per_second=29.0, listed_per_second={10: 39.0, 50: 90.0}, audited=899
    )
    assert [each.is_met for each in bars(worse)] == [True, False, False, False, False]
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
