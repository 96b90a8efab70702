"""Where standard items live, by the API: published entries only, tables told to whom they concern, doubles named."""

from typing import Any

import pytest

ITEMS = [
    {"name": "公民身份号码", "field": "id_number", "is_key": True, "data_element": "GB 11643", "sensitivity": 4},
    {"name": "姓名", "field": "xm", "base_item": "population/name", "sensitivity": 3},
]
MOUNT = {
    "mount_id": "m1",
    "node": "gongan",
    "table": "person",
    "columns": [
        {"field": "id_number", "column": "gmsfhm", "sql_type": "text"},
        {"field": "xm", "column": "xm", "sql_type": "text"},
    ],
}


@pytest.fixture
def two(city: Any, office: Any, publish: Any, department: Any) -> Any:
    """Two departments that both publish persons' names, and a draft that nobody else sees."""
    other = type(department)(
        code := city.organisation(),
        editor=city.person(code, _role("editor")),
        colleague=city.person(code, _role("editor")),
        head=city.person(code, _role("department_head")),
    )
    made = {}
    for each, title in ((department, "常住人口登记"), (other, "参保人员登记")):
        made[each.code] = each.register(
            title=title, library="population" if each is department else None, items=ITEMS, mounts=[MOUNT]
        )["id"]
        publish(each, made[each.code])
    other.register(title="未发布", library="population", items=ITEMS)
    return department, other, made


def _role(name: str) -> Any:
    from directory.roles import Role  # noqa: PLC0415

    return Role(name)


def test_pointers_lead_to_columns_and_say_how_sure_they_are(two: Any, office: Any) -> None:
    department, other, made = two
    address = "/api/v1/libraries/population/items"
    items = {each["field"]: each for each in office.reviewer.client.get(address).json()}
    (number,) = [each for each in items["id_number"]["pointers"] if each["resource_id"] in made.values()]
    assert (number["certainty"], number["basis"]) == ("inferred", "字段名同为 id_number")
    assert number["places"] == [
        {"node": "gongan", "mount_id": "m1", "kind": "table", "column": "gmsfhm", "table": "public.person"}
    ]
    names = [each for each in items["name"]["pointers"] if each["resource_id"] in made.values()]
    assert {each["org_code"] for each in names} == {department.code, other.code}
    assert {each["certainty"] for each in names} == {"declared"}
    assert items["name"]["is_doubled"]
    assert items["marital_code"]["is_gap"]
    outsider = {each["field"]: each for each in other.editor.client.get(address).json()}
    (seen,) = [each for each in outsider["id_number"]["pointers"] if each["resource_id"] in made.values()]
    assert seen["places"][0]["table"] is None, "another department's tables are its own matter"


def test_a_suspended_entry_supplies_nothing(two: Any, office: Any, move: Any) -> None:
    department, other, made = two
    address = "/api/v1/libraries/population/items"
    move(office.approver, made[other.code], "suspended", "数据有误")
    items = {each["field"]: each for each in department.editor.client.get(address).json()}
    assert made[other.code] not in {each["resource_id"] for each in items["name"]["pointers"]}


def test_a_library_counts_what_is_supplied(two: Any, office: Any) -> None:
    shown = office.reviewer.client.get("/api/v1/libraries/population").json()
    assert shown["supplied"] == 2, "a key and a name"
    assert shown["gaps"] == shown["items"] - 2
    assert shown["entries"] >= 1
    assert shown["doubled"] == 1
