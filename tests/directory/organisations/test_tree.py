"""The tree of departments: placed, refused, exported and taken in, by API, page and table."""

import io
from collections.abc import Callable
from itertools import count
from typing import Any

import openpyxl
import pytest
from sqlalchemy import text

from directory.errors import DirectoryError
from directory.lists import workbook
from directory.organisations.importing import COLUMNS, read_rows
from directory.roles import Role
from standards.check_digits import org_check_character, uscc_check_character

HEAD = tuple(COLUMNS.values())


@pytest.fixture(scope="module")
def keeper(city: Any, administrator: Any) -> Any:
    """Who keeps the register: a reviewer of the office."""
    return city.person(administrator.actor.org_code, Role.OFFICE_REVIEWER, username="keeper1")


def _place(keeper: Any, code: str, **place: Any) -> Any:
    version = keeper.client.get(f"/api/v1/organisations/{code}").json()["version"]
    return keeper.client.put(f"/api/v1/organisations/{code}", json={"version": version} | place)


def test_a_department_has_its_place(city: Any, keeper: Any) -> None:
    top, own = city.organisation("甲市政府"), city.organisation("甲市大局")
    place = {"parent_code": top, "region_code": "330100", "level": "city", "short_name": "大局"}
    placed = _place(keeper, own, **place)
    assert placed.status_code == 200, placed.text
    shown = keeper.client.get(f"/api/v1/organisations/{own}").json()
    assert {name: shown[name] for name in place} == place
    assert _place(keeper, own, **place).json()["version"] == shown["version"]  # the same again changes nothing
    stale = keeper.client.put(f"/api/v1/organisations/{own}", json={"version": 1, "level": "county"})
    assert (stale.status_code, stale.json()["code"]) == (409, "ORGANISATION_CHANGED")
    assert "层级" in stale.json()["detail"]


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ({"level": "galaxy"}, "ORGANISATION_INVALID"),
        ({"region_code": "990000"}, "ORGANISATION_INVALID"),
        ({"region_code": "33"}, "INPUT_MALFORMED"),
        ({"parent_code": "nobody"}, "ORGANISATION_UNKNOWN"),
        ({"colour": "red"}, "INPUT_MALFORMED"),
    ],
)
def test_a_place_that_is_none(city: Any, keeper: Any, place: dict[str, str], code: str) -> None:
    answer = _place(keeper, city.organisation(), **place)
    assert answer.json()["code"] == code, answer.text


def test_nobody_stands_above_themselves(city: Any, keeper: Any) -> None:
    first, second, third = (city.organisation() for _ in range(3))
    assert _place(keeper, second, parent_code=first).status_code == 200
    assert _place(keeper, third, parent_code=second).status_code == 200
    for above in (first, third):
        refused = _place(keeper, first, parent_code=above)
        assert (refused.status_code, refused.json()["code"]) == (409, "ORGANISATION_CYCLE")
    with pytest.raises(DirectoryError, match="ORGANISATION_CYCLE"), city.app.state.sessions.begin() as session:
        session.execute(
            text("UPDATE organisation SET parent_code = :up WHERE code = :own"), {"own": first, "up": third}
        )


def test_who_may(city: Any, keeper: Any, administrator: Any) -> None:
    own = city.organisation()
    lead = city.person(own, Role.SHARING_LEAD)
    assert lead.client.get("/api/v1/organisations").status_code == 200
    assert lead.client.put(f"/api/v1/organisations/{own}", json={"version": 1}).status_code == 403
    assert administrator.client.put(f"/api/v1/organisations/{own}", json={"version": 1}).status_code == 200
    asked = {"kind": "merge", "organisations": [own], "effective_on": "2026-01-01", "basis": "x"}
    for each in (lead, keeper, administrator):
        assert each.client.post("/api/v1/reforms/preview", json=asked).status_code == 403


def _send(keeper: Any, data: bytes, name: str = "机构表.xlsx", *, dry_run: bool = False) -> Any:
    given = {"file": (name, data)}
    return keeper.client.post("/api/v1/organisations/import", files=given, data={"dry_run": str(dry_run).lower()})


@pytest.fixture(scope="module")
def uscc() -> Callable[[], str]:
    """Codes of departments that nobody has registered."""
    numbers = count(1)

    def make() -> str:
        inner = f"MA9{next(numbers):05d}"
        body = "11330100" + inner + org_check_character(inner)
        return body + uscc_check_character(body)

    return make


@pytest.fixture(scope="module")
def table(city: Any) -> Callable[..., bytes]:
    def make(*rows: tuple[Any, ...], head: tuple[str, ...] = HEAD) -> bytes:
        return workbook.write("机构表", head, rows)

    return make


def test_a_table_is_taken_in_whole_and_again_changes_nothing(
    city: Any, keeper: Any, table: Callable[..., bytes], uscc: Callable[[], str]
) -> None:
    above, below = uscc(), uscc()
    data = table(
        (below, "丙县小局", "小局", above, "330100", "县级", "PC001"), (above, "丙市大局", "", "", "", "市级", "")
    )
    looked = _send(keeper, data, dry_run=True)
    assert (looked.json()["added"], looked.json()["faults"]) == ([below, above], []), looked.text
    assert keeper.client.get(f"/api/v1/organisations/{below}").status_code == 404
    assert _send(keeper, data).json()["added"] == [below, above]
    shown = keeper.client.get(f"/api/v1/organisations/{below}").json()
    assert (shown["parent_code"], shown["level"], shown["prefix"]) == (above, "county", "PC001")
    again = _send(keeper, data).json()
    assert (again["added"], again["changed"], again["unchanged"]) == ([], [], [below, above])
    turned = table(
        (above, "丙市大局", below), (below, "丙县小局", ""), head=("统一社会信用代码", "名称", "上级部门代码")
    )
    assert _send(keeper, turned).json()["changed"] == [above, below]  # the two change places; what has no column stays
    shown = keeper.client.get(f"/api/v1/organisations/{below}").json()
    assert (shown["parent_code"], shown["level"]) == (None, "county")


def test_what_was_exported_changes_nothing(keeper: Any) -> None:
    answer = keeper.client.get("/api/v1/organisations/export")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert tuple(cell.value for cell in sheet[1]) == HEAD
    taken = _send(keeper, answer.content).json()
    assert (taken["added"], taken["changed"]) == ([], [])
    assert len(taken["unchanged"]) == sheet.max_row - 1


def test_every_fault_is_said_by_row_and_column(
    city: Any, keeper: Any, table: Callable[..., bytes], uscc: Callable[[], str]
) -> None:
    known, code, other = city.organisation("丁局"), uscc(), uscc()
    data = table(
        (known, "丁局改名", "", "", "", "", ""),
        (code, "", "", "没有这个", "", "", ""),
        (code[:-1] + ("A" if code[-1] != "A" else "B"), "戊局", "", "", "", "", ""),
        (other, "丁局", "", other, "99", "星系", "bad"),
    )
    found = {(each["row"], each["column"]) for each in _send(keeper, data, dry_run=True).json()["faults"]}
    assert found == {
        (2, "名称"),
        (3, "名称"),
        (3, "上级部门代码"),
        (4, "统一社会信用代码"),
        (5, "名称"),
        (5, "上级部门代码"),
        (5, "行政区划代码"),
        (5, "前段码"),
        (5, "层级"),
    }
    refused = _send(keeper, data)
    assert (refused.status_code, refused.json()["code"]) == (422, "ORGANISATION_TREE_INVALID")
    assert keeper.client.get(f"/api/v1/organisations/{other}").status_code == 404


def test_what_stands_above_may_be_named_and_headers_are_known_by_other_words(
    keeper: Any, table: Callable[..., bytes], uscc: Callable[[], str]
) -> None:
    above, below = uscc(), uscc()
    wide = "".join(chr(ord(each) + 0xFEE0) for each in below)
    data = table(
        (wide, "戊市支队", "戊市总队"), (above, "戊市总队", ""), head=("社会信用代码", "*单位名称（必填）", "上级部门")
    )
    assert _send(keeper, data).json()["added"] == [below, above]
    assert keeper.client.get(f"/api/v1/organisations/{below}").json()["parent_code"] == above
    nobody = table((uscc(), "己市支队", "没有的总队"), head=("统一社会信用代码", "名称", "上级部门代码"))
    (fault,) = _send(keeper, nobody, dry_run=True).json()["faults"]
    assert (fault["row"], fault["column"]) == (2, "上级部门代码")


def test_old_tables_are_read_too() -> None:
    rows = read_rows("a.csv", "code,name,short_name,prefix\n1,甲局,,\n".encode("utf-8-sig"))
    assert [(row.code, row.name, row.number) for row in rows] == [("1", "甲局", 2)]
    assert "parent_code" not in rows[0].given
    assert read_rows("a.csv", "统一社会信用代码,名称\n1,甲局\n".encode("gb18030"))[0].name == "甲局"
    with pytest.raises(DirectoryError, match="统一社会信用代码"):
        read_rows("a.csv", "代码,名字\n1,甲局\n".encode())


def test_pages(city: Any, keeper: Any, table: Callable[..., bytes], uscc: Callable[[], str]) -> None:
    browser = city.browser(keeper.actor.username)
    code = uscc()
    typed = {"code": code, "org_name": "己局", "level": "city"}
    refused = browser.send("/organisations/new", "/organisations/new", **typed | {"level": "galaxy"})
    assert (refused.status_code, "己局" in refused.text) == (400, True)
    made = browser.send("/organisations/new", "/organisations/new", **typed)
    assert made.headers["location"] == f"/organisations/{code}", made.text
    page = browser.get(f"/organisations/{code}").text
    assert ("市级" in page, "改位置" in page) == (True, True)
    saved = browser.send(f"/organisations/{code}", f"/organisations/{code}", version="2", level="county")
    assert saved.status_code == 303, saved.text
    stale = browser.send(f"/organisations/{code}", f"/organisations/{code}", version="2", level="city")
    assert (stale.status_code, "已被修改" in stale.text) == (409, True)
    assert "己局" in browser.get("/organisations").text
    token = {"csrf_token": stale.text.split('name="csrf_token" value="')[1].split('"')[0]}
    bad = {"file": ("a.xlsx", table((code, "庚局", "", "", "", "", "")))}
    checked = browser.client.post(
        "/organisations/import", data=token | {"do": "check"}, files=bad, headers={"accept": "text/html"}
    )
    assert (checked.status_code, "改名请办理机构改革" in checked.text) == (200, True)
