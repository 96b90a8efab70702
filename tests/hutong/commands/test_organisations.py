"""Departments as a tree on the command line: exported, filled in, taken in whole, each fault by row and column."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
from sqlalchemy import select

from directory.audit.models import AuditOut
from hutong.directory_access import open_directory
from tests.hutong.commands.conftest import Run

OFFICE, CITY, COUNTY = "11330100MB0000262E", "11330100MB0000609L", "11330100MB00006335"


def test_a_tree_is_exported_filled_in_and_taken_in_whole(
    run: Run, person: Callable[..., Run], add_people: Callable[..., None], tmp_path: Path
) -> None:
    assert "还没有登记部门" in run("org", "list")[2]
    assert run("org", "add", OFFICE, "示例市数据局", "--office")[0] == 0
    file = tmp_path / "机构表.xlsx"
    assert run("org", "export", file)[:2] == (0, f"已写入 {file}\n")
    book = openpyxl.load_workbook(io.BytesIO(file.read_bytes()))
    sheet = book.worksheets[0]
    head = [cell.value for cell in sheet[1]]

    def add(**values: str) -> None:
        sheet.append([values.get(name, "") for name in head])
        book.save(file)

    add(统一社会信用代码=COUNTY, 名称="丙县小局", 上级部门代码=CITY, 层级="县级", 前段码="PC001")
    add(统一社会信用代码=CITY, 名称="丙市大局", 上级部门代码="没有这个", 层级="星系")
    tried, refused = run("org", "import", file, "--dry-run"), run("org", "import", file)
    assert (tried[0], refused[0], refused[1]) == (1, 1, "")
    for words in ("第 4 行", "上级部门代码", "层级"):
        assert words in tried[1]
        assert words in refused[2], "every fault is told, not only the first"
    assert "ORGANISATION_TREE_INVALID" in refused[2]
    assert "丙县小局" not in run("org", "list")[1], "all or nothing"

    sheet.delete_rows(4)
    add(统一社会信用代码=CITY, 名称="丙市大局", 上级部门代码=OFFICE, 层级="市级")
    assert run("org", "import", file, "--dry-run")[:2] == (0, "将新登记 2 个部门，改动 0 个，不变 1 个\n")
    assert run("org", "import", file)[:2] == (0, "新登记 2 个部门，改动 0 个，不变 1 个\n")
    assert run("org", "import", file)[:2] == (0, "新登记 0 个部门，改动 0 个，不变 3 个\n")
    assert run("org", "list")[1].splitlines() == [
        f"{OFFICE}\t–\t示例市数据局\t信息办",
        f"{CITY}\t–\t  丙市大局",
        f"{COUNTY}\tPC001\t    丙县小局",
    ]
    add_people(OFFICE, tang=["office_reviewer"], zhou=["editor"])
    assert person("tang")("org", "place", COUNTY, "--parent", "", "--region", "330100")[:2] == (0, "已保存 丙县小局\n")
    for arguments, code in (
        ((OFFICE, "--parent", CITY), "ORGANISATION_CYCLE"),
        ((CITY, "--level", "galaxy"), "ORGANISATION_INVALID"),
        (("nobody", "--level", "city"), "ORGANISATION_UNKNOWN"),
    ):
        status, _, err = person("tang")("org", "place", *arguments)
        assert (status, code in err) == (1, True), err
    assert "FORBIDDEN" in person("zhou")("org", "place", COUNTY, "--level", "city")[2]
    found = {each["code"]: each for each in json.loads(run("org", "list", "--json")[1])["organisations"]}
    assert (found[COUNTY]["parent_code"], found[COUNTY]["level"], found[COUNTY]["depth"]) == (None, "county", 0)
    pdf = tmp_path / "机构表.pdf"
    pdf.write_bytes(b"%PDF-1.7")
    assert run("org", "import", pdf)[0] == 1


def test_a_department_is_registered_by_a_person_in_their_own_name(
    run: Run, person: Callable[..., Run], add_people: Callable[..., None], tmp_path: Path
) -> None:
    new, file = "11330100MB0002007T", tmp_path / "机构表.xlsx"
    run("org", "add", OFFICE, "示例市数据局", "--office")
    add_people(OFFICE, lian=["office_reviewer"], wen=["editor"])
    status, _, err = person("wen")("org", "add", new, "丁市新局")
    assert (status, "FORBIDDEN" in err) == (1, True), err
    assert "ARGUMENT_BAD" in person("lian")("org", "add", new, "丁市新局", "--office")[2]
    assert person("lian")("org", "add", new, "丁市新局")[:2] == (0, f"已登记 丁市新局（{new}）\n")
    assert new in person("wen")("org", "list")[1], "whoever may sign in may look"
    assert person("wen")("org", "export", file)[0] == 0
    assert "FORBIDDEN" in person("wen")("org", "import", file)[2]
    assert person("lian")("org", "import", file)[0] == 0
    with open_directory() as opened, opened.sessions() as session:
        entries = [json.loads(each) for each in session.scalars(select(AuditOut.bytes))]
    registered = [each for each in entries if (each["action"], each["subject"]) == ("organisation:add", new)]
    assert [each["actor"] for each in registered] == ["lian"], registered
