"""The exchange run again, killed at every point, and led astray: the tables end the same, once, or nothing moves."""

import json
import signal
from pathlib import Path

import pytest

from hutong.demo.catalogue import OBSERVATIONS, PLACES
from tests.flows.conftest import City

PLACES_TARGET = "SELECT * FROM shared.ziran_place ORDER BY place_code"


def test_running_everything_again_changes_nothing(city: City, tmp_path: Path) -> None:
    before = {route["route"]: route for route in city.report["batches"]}
    done = city.hutong("exchange", "run", "--force", "--json")
    assert json.loads(done.stdout)["batches"]
    report = city.verify(tmp_path)
    assert report["reconciled"] is True
    for batch in report["batches"]:
        assert batch["seq"] == before[batch["route"]]["seq"] + 1
        assert (batch["state"], batch["changed_rows"], batch["rows"]) == ("closed", 0, before[batch["route"]]["rows"])
    assert city.hutong("exchange", "fsck").returncode == 0


@pytest.mark.parametrize("point", ["seal.after_commit", "stage.before_commit", "apply.before_commit"])
def test_killed_and_started_again_it_ends_with_the_same_tables_once(city: City, point: str) -> None:
    """Three points on real rows; every point is tried on a small town in tests/exchange."""
    route = city.batch(PLACES.title)["route"]
    before = city.rows("dept_zhujian", PLACES_TARGET)
    applied = city.rows("dept_zhujian", "SELECT max(seq) FROM hutong.applied_batch")
    killed = city.hutong("exchange", "run", "--force", check=False, HUTONG_FAILPOINT=point, HUTONG_ALLOW_FAILPOINTS="1")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    city.hutong("exchange", "run", "--force")
    newest = city.newest(route, "ziran")
    assert (newest["state"], newest["code"]) == ("closed", "")
    assert city.rows("dept_zhujian", PLACES_TARGET) == before
    marks = city.rows("dept_zhujian", "SELECT seq, count(*) FROM hutong.applied_batch GROUP BY seq")
    assert all(count == 1 for _, count in marks)
    assert max(seq for seq, _ in marks) > applied[0][0]
    assert (
        city.rows("dept_zhujian", "SELECT 1 FROM information_schema.tables WHERE table_schema = 'hutong_stage'") == []
    )
    assert city.hutong("exchange", "fsck").returncode == 0


def test_a_renamed_source_column_stops_the_route_in_plain_words(city: City) -> None:
    route = city.batch(OBSERVATIONS.title)["route"]
    sent_before = city.newest(route, "tongji")["seq"]
    objects = _objects(city)
    with city.database("dept_tongji") as cursor:
        cursor.execute("ALTER TABLE observation RENAME COLUMN unit TO measure")
    try:
        stopped = city.hutong("exchange", "run", "--node", "tongji", "--force", check=False)
        assert stopped.returncode != 0
        batch = city.newest(route, "tongji")
        assert (batch["seq"], batch["state"], batch["code"]) == (sent_before + 1, "held", "SOURCE_DRIFT")
        assert "unit" in batch["explanation_zh"]
        assert batch["next_step"]
        assert _objects(city) == objects
        with city.signed_in("tongji.yunwei") as client:
            page = client.get("/api/v1/batches").text
        assert "SOURCE_DRIFT" in page
    finally:
        with city.database("dept_tongji") as cursor:
            cursor.execute("ALTER TABLE observation RENAME COLUMN measure TO unit")
    city.hutong("exchange", "redrive", route, str(batch["seq"]), "--node", "tongji")
    city.hutong("exchange", "run", "--force")
    assert city.newest(route, "tongji")["state"] == "closed"


def test_a_flipped_byte_is_refused_with_its_code_and_nothing_loaded(city: City) -> None:
    route = city.batch(OBSERVATIONS.title)["route"]
    before = city.rows("dept_shuiwu", "SELECT max(seq) FROM hutong.applied_batch")
    known = _objects(city)
    city.hutong("exchange", "run", "--node", "tongji", "--force", check=False)  # sealed and stored, not yet fetched
    (fresh,) = _objects(city) - known
    altered = bytearray(fresh.read_bytes())
    altered[len(altered) // 2] ^= 1
    fresh.chmod(0o600)
    fresh.write_bytes(altered)
    try:
        city.hutong("exchange", "run", "--node", "shuiwu", check=False)
        batch = city.newest(route, "shuiwu")
        assert batch["state"] != "applied"
        assert batch["code"]
        assert batch["explanation_zh"]
        assert city.rows("dept_shuiwu", "SELECT max(seq) FROM hutong.applied_batch") == before
        with city.signed_in("shuiwu.yunwei") as client:
            assert batch["code"] in client.get("/api/v1/batches").text
    finally:
        altered[len(altered) // 2] ^= 1
        fresh.write_bytes(altered)
    if batch["state"] in ("held", "quarantined"):
        city.hutong("exchange", "redrive", route, str(batch["seq"]), "--node", "shuiwu", check=False)
        city.hutong("exchange", "redrive", route, str(batch["seq"]), "--node", "tongji", check=False)
    city.hutong("exchange", "run", "--force", check=False)
    city.hutong("exchange", "run", "--force")
    assert city.newest(route, "tongji")["state"] == "closed"
    assert city.hutong("exchange", "fsck").returncode == 0


def _objects(city: City) -> set[Path]:
    return {path for path in (city.home / "relay" / "store").rglob("*") if path.is_file()}
