"""Nobody approves their own request: not through the API, not on the page, not with the application's own SQL."""

from datetime import timedelta

import psycopg2
import pytest

from directory.clock.today import shanghai_today
from hutong.demo.catalogue import OBSERVATIONS
from tests.flows.conftest import City


@pytest.fixture(scope="module")
def own_request(city: City) -> str:
    """A fresh draft of 住建's handling officer."""
    with city.signed_in("zhujian.jingban") as client:
        found = client.get("/api/v1/resources", params={"q": OBSERVATIONS.title}).json()["items"]
        resource = next(item for item in found if item["title"] == OBSERVATIONS.title)
        answer = client.post(
            "/api/v1/requests",
            json={
                "resource": resource["id"],
                "items": ["indicator_code", "time_period", "region_code", "value"],
                "basis": "《中华人民共和国统计法》第二十三条",
                "scenario": "房地产市场监测",
                "scope": "住建局内部业务系统",
                "valid_until": (shanghai_today() + timedelta(days=90)).isoformat(),
                "statement": True,
            },
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


def test_refused_by_the_api(city: City, own_request: str) -> None:
    with city.signed_in("zhujian.jingban") as client:
        answer = client.post(
            f"/api/v1/requests/{own_request}/transitions", json={"to": "req_approved", "comment": "同意"}
        )
    assert answer.status_code in (403, 409)
    assert answer.json()["next_step"]


def test_refused_by_direct_sql_as_the_application_role(city: City, own_request: str) -> None:
    """The decision's row is tied to the request's author by the database itself."""
    with city.database("directory") as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = 'request_step' ORDER BY ordinal_position"
        )
        columns = [name for (name,) in cursor.fetchall()]
        assert "decided_by" in columns
        cursor.execute("SELECT created_by FROM request WHERE id = %s", (own_request,))
        (author,) = cursor.fetchone()
        cursor.execute("SELECT * FROM request_step WHERE request_id = %s ORDER BY seq LIMIT 1", (own_request,))
        step = dict(zip(columns, cursor.fetchone(), strict=True))
    forged = step | {"seq": step["seq"] + 1, "act": "req_approved", "state": "req_approved", "decided_by": author}
    with (
        pytest.raises(psycopg2.errors.CheckViolation),
        city.database("directory") as cursor,
    ):
        cursor.execute(
            f"INSERT INTO request_step ({', '.join(forged)}) VALUES ({', '.join(['%s'] * len(forged))})",
            list(forged.values()),
        )
    with (
        pytest.raises(psycopg2.errors.InsufficientPrivilege),
        city.database("directory") as cursor,
    ):
        cursor.execute("ALTER TABLE request_step DROP CONSTRAINT IF EXISTS anything")
