"""The exchange run again, killed at every point, and led astray: the tables end the same, once, or nothing moves."""

import json
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

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


def test_killed_and_started_again_it_ends_with_the_same_tables_once(city: City) -> None:
    """The worst moment, on real rows; every point is tried on a small town in tests/exchange."""
    point = "apply.before_commit"
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
    # The consumer's signed refusal reaches the provider, where a person lets the batch be sealed anew.
    city.hutong("exchange", "run", check=False)
    refused = city.newest(route, "tongji")
    assert (refused["state"], refused["code"]) == ("quarantined", batch["code"])
    city.hutong("exchange", "redrive", route, str(refused["seq"]), "--node", "tongji")
    city.hutong("exchange", "run")
    assert city.newest(route, "tongji")["state"] == "closed"
    assert city.newest(route, "tongji")["seq"] == refused["seq"] + 1
    assert city.hutong("exchange", "fsck").returncode == 0


def test_a_grant_that_the_provider_node_has_not_countersigned_moves_nothing(city: City) -> None:
    """Agreed by every person it takes, and still nothing leaves: the directory cannot grant itself data."""
    item = ["indicator_code", "time_period", "region_code", "value"]
    with city.signed_in("renshe.jingban") as requester:
        found = requester.get("/api/v1/resources", params={"q": OBSERVATIONS.title}).json()["items"]
        body = {
            "resource": next(each["id"] for each in found if each["title"] == OBSERVATIONS.title),
            "items": item,
            "basis": "《中华人民共和国社会保险法》第七条",
            "scenario": "基金收支预测",
            "scope": "基金监督处",
            "valid_until": (datetime.now(UTC) + timedelta(days=30)).date().isoformat(),
            "statement": True,
        }
        request = requester.post("/api/v1/requests", json=body).json()
    path = f"/api/v1/requests/{request['id']}"
    for username, to in (
        ("renshe.gongxiang", "req_approved"),
        ("renshe.jingban", "submitted"),
        ("xinxiban.shenhe", "accepted"),
        ("tongji.gongxiang", "agreed"),
    ):
        with city.signed_in(username) as client:
            answer = client.post(f"{path}/transitions", json={"to": to, "comment": "同意"})
            assert answer.status_code == 200, answer.text
            state = answer.json()
    assert state["state"] == "agreed"
    with city.signed_in("tongji.gongxiang") as client:
        grant = client.get(f"/api/v1/grants/{state['grant_id']}").json()
        assert grant["countersigned_by"] is None
    objects = _objects(city)
    city.hutong("exchange", "run", "--force")
    assert all(batch["route_id"] != grant["route_id"] for batch in city.batches())
    assert city.rows("dept_renshe", "SELECT tablename FROM pg_tables WHERE schemaname = 'shared'") == [
        ("gongan_resident",)
    ]
    waiting = city.hutong("node", "grants", "--node", "tongji").stdout
    assert state["grant_id"] in waiting
    wrong = city.hutong(
        "node", "countersign", state["grant_id"], "--digest", "0" * 64, "--by", "某人", "--node", "tongji", check=False
    )
    assert wrong.returncode == 1
    assert "GRANT_DIGEST_OTHER" in wrong.stderr
    with city.signed_in("tongji.yunwei") as client:
        page = client.get("/exchange").text
        assert "尚无批次的路由" in page
        assert "会签" in page.split("尚无批次的路由")[1]
    assert len(_objects(city)) >= len(objects)


def _objects(city: City) -> set[Path]:
    return {path for path in (city.home / "relay" / "store").rglob("*") if path.is_file()}
