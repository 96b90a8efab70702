"""The registers: seeded, kept by the office with every change on record, and the one source of what libraries exist."""

import re
from typing import Any

import pytest
from sqlalchemy import text

from directory.libraries.models import Library, LibraryChange
from directory.migrate import migrate
from standards.codes import rows


@pytest.fixture
def office_client(office: Any) -> Any:
    return office.reviewer.client


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def test_the_four_libraries_are_there_with_source_and_certainty(office_client: Any) -> None:
    found = {each["name"]: each for each in office_client.get("/api/v1/libraries").json()}
    assert list(found)[:4] == ["population", "legal_person", "geospatial", "statistics"]
    assert found["population"]["label"] == "人口"
    assert found["population"]["items"] == len(rows("base-items-population"))
    items = {each["field"]: each for each in office_client.get("/api/v1/libraries/population/items").json()}
    assert items["id_number"]["certainty"] == "found"
    assert items["former_name"]["certainty"] == "recalled"
    assert items["id_number"]["is_gap"] is True


def test_the_registers_speak_chinese(office_client: Any) -> None:
    words = ("representation", "code_list", "rule", "sensitivity")
    formats = re.compile(
        r"ISO|EPSG|GB|GML|GeoPackage|Shapefile|GeoJSON|GeoTIFF|WKB|WKT|SDMX|YYYYMMDD|MOD|CNY|CL_OBS_STATUS"
    )
    for library in ("population", "legal_person", "geospatial", "statistics"):
        for item in office_client.get(f"/api/v1/libraries/{library}/items").json():
            for name in words:
                assert not re.search("[A-Za-z]{3}", formats.sub("", item[name])), (library, item["field"], item[name])


def test_an_added_library_can_be_used_and_searched_and_others_cannot(
    department: Any, office_client: Any, publish: Any
) -> None:
    refused = department.editor.client.post("/api/v1/resources", json=department.draft(library="credit"))
    assert _code(refused) == (422, "LIBRARY_UNKNOWN")
    assert "人口（population）" in refused.json()["next_step"]
    new = {"name": "credit", "label": "社会信用", "class_code": "104001"}
    assert office_client.post("/api/v1/libraries", json=new).status_code == 201
    made = department.register(library="credit")
    assert made["code"].startswith("104001/"), "numbered in the library's own class"
    publish(department, made["id"])
    facets = office_client.get("/api/v1/resources", params={"library": "credit"}).json()["facets"]["library"]
    assert {"value": "credit", "label": "社会信用", "count": 1} in facets
    record = department.draft(library="nowhere") | {"identifier": made["identifier"], "code": made["code"]}
    edited = department.editor.client.put(
        f"/api/v1/resources/{made['id']}", json=record, headers={"If-Match": f'"{_version(department, made["id"])}"'}
    )
    assert _code(edited) == (422, "LIBRARY_UNKNOWN")


def _version(department: Any, ref: str) -> int:
    version: int = department.editor.client.get(f"/api/v1/resources/{ref}").json()["version"]
    return version


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "Credit", "label": "信用"}, 422, "LIBRARY_INVALID"),
        ({"name": "1a", "label": "信用"}, 422, "LIBRARY_INVALID"),
        ({"name": "a" * 33, "label": "信用"}, 422, "INPUT_MALFORMED"),
        ({"name": "abc", "label": "credit"}, 422, "LIBRARY_INVALID"),
        ({"name": "abc", "label": "信用", "class_code": "9"}, 422, "LIBRARY_INVALID"),
        ({"name": "population", "label": "又一个"}, 409, "LIBRARY_EXISTS"),
        ({"name": "people", "label": "人口"}, 409, "LIBRARY_EXISTS"),
    ],
)
def test_a_library_that_is_none_is_refused(office_client: Any, body: Any, status: int, code: str) -> None:
    assert _code(office_client.post("/api/v1/libraries", json=body)) == (status, code)


def test_only_the_office_keeps_the_registers(department: Any) -> None:
    client = department.head.client
    new = {"name": "own", "label": "自建"}
    assert _code(client.post("/api/v1/libraries", json=new)) == (403, "FORBIDDEN")
    assert _code(client.put("/api/v1/libraries/population", json={"label": "人"})) == (403, "FORBIDDEN")
    item = {"field": "x", "name": "某"}
    assert _code(client.post("/api/v1/libraries/population/items", json=item)) == (403, "FORBIDDEN")
    change = {"lead_department": department.code}
    assert _code(client.put("/api/v1/libraries/population/items/name", json=change)) == (403, "FORBIDDEN")


def test_items_are_added_changed_retired_and_led_with_history(
    office: Any, department: Any, directory_app: Any, directory_settings: Any
) -> None:
    client, items = office.reviewer.client, "/api/v1/libraries/legal_person/items"
    new = {"field": "credit_level", "name": "信用等级", "code_list": "local list"}
    made = client.post(items, json=new)
    assert (made.status_code, made.json()["certainty"]) == (201, "local")
    assert _code(client.post(items, json=new)) == (409, "LIBRARY_EXISTS")
    assert _code(client.post(items, json={"field": "X", "name": "某"})) == (422, "LIBRARY_INVALID")
    assert _code(client.put(f"{items}/nothing", json={})) == (404, "LIBRARY_ITEM_NOT_FOUND")
    assert _code(client.put("/api/v1/libraries/nothing", json={})) == (404, "LIBRARY_NOT_FOUND")
    assert _code(client.put(f"{items}/credit_level", json={"name": " "})) == (422, "LIBRARY_INVALID")
    assert _code(client.put(f"{items}/uscc", json={"lead_department": "nobody"}))[1] == "ORGANISATION_UNKNOWN"
    led = client.put(f"{items}/uscc", json={"lead_department": department.code, "basis": "条例第19条"}).json()
    assert led["lead_department"] == department.code
    client.put(f"{items}/uscc", json={"lead_department": ""})
    client.put(f"{items}/credit_level", json={"rule": "A–D", "is_retired": True})
    shown = {each["field"]: each for each in client.get(items).json()}
    decisions = [(each["department"], each["basis"]) for each in shown["uscc"]["lead_decisions"]]
    assert decisions == [("", ""), (department.code, "条例第19条")]
    assert shown["credit_level"]["is_retired"]
    assert not shown["credit_level"]["is_gap"]
    with directory_app.state.sessions() as session:
        kept = session.query(LibraryChange).filter_by(field="credit_level").order_by(LibraryChange.seq).all()
        assert [(each.what, each.before, each.after) for each in kept] == [
            ("added", "", "信用等级"),
            ("rule", "", "A–D"),
            ("retired", "否", "是"),
        ]
        tables = ("audit_out", "audit_log")
        entries = " UNION ".join(f"SELECT convert_from(bytes, 'UTF8') FROM {table}" for table in tables)
        written = session.execute(text(entries)).scalars()
        assert any("library:lead" in each and "legal_person/uscc" in each for each in written)
    migrate(directory_settings)  # filling the registers again leaves what the office changed
    assert {each["field"]: each for each in client.get(items).json()}["credit_level"]["is_retired"]


def test_a_label_changed_is_the_label_everywhere(office: Any, department: Any, city: Any, directory_app: Any) -> None:
    changed = office.reviewer.client.put("/api/v1/libraries/geospatial", json={"label": "自然资源和空间地理"})
    assert changed.json()["label"] == "自然资源和空间地理"
    made = department.register(library="geospatial", title="地名")
    browser = city.browser(department.editor.actor.username)
    assert "自然资源和空间地理" in browser.get(f"/resources/{made['id']}").text
    with directory_app.state.sessions() as session:
        assert session.get(Library, "geospatial").label == "自然资源和空间地理"
