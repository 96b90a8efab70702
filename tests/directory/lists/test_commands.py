"""The lists, the check and the statistics on the command line: the same verbs, as a person with a password."""

import io
import json
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from tests.directory.access.conftest import Town
from tests.directory.conftest import Command
from tests.directory.lists.conftest import SOON


@pytest.fixture
def run(town: Town, people: dict[str, Any], command: Command) -> Command:
    """Commands as one of the town's people."""
    return lambda who, *arguments: command(people[who].actor.username if who else "", *arguments)


def test_a_demand_from_raising_to_its_responsibility(town: Town, resource: str, run: Command, tmp_path: Path) -> None:
    file = tmp_path / "demand.json"
    demand = {
        "title": "命令行需求",
        "service": "服务",
        "purpose": "用途",
        "law_title": "《社会保险法》",
        "needed_by": SOON,
        "items": [{"name": "身份证号"}, {"name": "车辆数"}],
    }
    file.write_text(json.dumps(demand), "utf-8")
    status, out, err = run("clerk", "demand", "raise", file, "--json")
    assert status == 0, err
    key = json.loads(out)["id"]
    matched = run("clerk", "demand", "match", key)[1]
    assert "户籍人口基本信息" in matched
    assert "2\t没有找到" in matched
    assert run("clerk", "demand", "choose", key, 1, resource, "sfzhm")[0] == 0
    refused = run("clerk", "demand", "choose", key, 1, resource, "nothing")
    assert (refused[0], "DEMAND_CHOICE" in refused[2]) == (1, True)
    assert "已选定现有数据" in run("", "demand", "show", key)[1]
    asked = town.create(resource)["id"]
    assert "DEMAND" in run("clerk", "demand", "link", key, 2, asked)[2]  # nothing is chosen for it yet
    linked = run("clerk", "demand", "link", key, 1, asked, "--json")
    assert json.loads(linked[1])["items"][0]["request_id"] == asked, linked[2]

    owed = ("--due", SOON, "--basis", "三定", "--demand", key, "--number", 2, "--json")
    status, out, err = run("reviewer", "responsibility", "assign", town.orgs["provider"], *owed)
    assert status == 0, err
    duty = json.loads(out)["id"]
    assert run("lead", "responsibility", "take", duty, "refused")[0] == 1
    assert "不接受" in run("lead", "responsibility", "take", duty, "refused", "-m", "不归我局")[1]
    assert duty in run("lead", "responsibility", "list", "--open")[1]
    assert "不归我局" in run("lead", "responsibility", "show", duty)[1]
    for name, what in (("demand", "需求名称"), ("responsibility", "责任部门"), ("negative", "名称")):
        book = tmp_path / f"{name}.xlsx"
        assert run("", name, "export", book)[0] == 0
        header = [cell.value for cell in openpyxl.load_workbook(book).worksheets[0][1]]
        assert what in header
    assert run("second_clerk", "demand", "import", tmp_path / "demand.xlsx")[0] == 0
    owing = tmp_path / "owing.csv"
    header = "责任部门,须编目的数据,职责依据,期限"
    owing.write_text(f"{header}\n{town.orgs['provider']},窗口叫号记录,三定,{SOON}\n", "utf-8")
    status, out, err = run("reviewer", "responsibility", "import", owing)
    assert (status, "窗口叫号记录" in out) == (0, True), err
    assert run("clerk", "demand", "satisfy", key, 1)[0] == 0
    assert "已撤回" in run("clerk", "demand", "withdraw", key, "-m", "改办法")[1]


def test_a_negative_entry_a_check_and_the_statistics(town: Town, resource: str, run: Command, tmp_path: Path) -> None:
    file = tmp_path / "negative.json"
    entry = {
        "title": "登记日期不开放",
        "covers": "open",
        "items": ["登记日期"],
        "org_code": town.orgs["provider"],
        "since": "2026-01-01",
        "until": SOON,
    }
    file.write_text(json.dumps(entry), "utf-8")
    assert "NEGATIVE_BASIS" in run("editor", "negative", "propose", file)[2]
    file.write_text(json.dumps(entry | {"law_title": "《某法》", "law_article": "第一条"}), "utf-8")
    key = json.loads(run("editor", "negative", "propose", file, "--json")[1])["id"]
    assert run("approver", "negative", "decide", key, "--list")[0] == 0
    assert "登记日期" in run("clerk", "negative", "hits", resource)[1]
    assert "第一条" in run("clerk", "negative", "show", key)[1]
    book = tmp_path / "negative.xlsx"
    assert run("editor", "negative", "export", book)[0] == 0
    status, out, err = run("editor", "negative", "import", book)
    assert (status, "登记日期不开放" in out) == (0, True), err
    assert run("approver", "negative", "remove", key, "-m", "改法")[0] == 0
    assert "没有数据项在列" in run("clerk", "negative", "hits", resource)[2]

    form = tmp_path / "表.txt"
    form.write_text("姓名\n月收入\n", "utf-8")
    status, out, err = run("clerk", "collection", "check", "调查表", form, "--json")
    assert status == 0, err
    made = json.loads(out)
    assert [each["verdict"] for each in made["fields"]] == ["obtainable", "new"]
    assert made["id"] in run("clerk", "collection", "list")[1]
    assert "示例市公安局" in run("reviewer", "collection", "show", made["id"])[1]
    assert run("clerk", "collection", "export", made["id"], tmp_path / "report.xlsx")[0] == 0

    shown = json.loads(run("", "statistics", "--json")[1])
    assert {each["org_code"] for each in shown["departments"]} >= set(town.orgs.values())
    [own] = json.loads(run("clerk", "statistics", "--json")[1])["departments"]
    assert own["org_code"] == town.orgs["requester"]
    assert "STATISTICS_PERIOD" in run("clerk", "statistics", "1999-01")[2]
    for name in ("out.xlsx", "out.docx", "out.pdf"):
        assert run("", "statistics", "--out", tmp_path / name)[0] == (1 if name.endswith("pdf") else 0)
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[0].iter_rows() for cell in row]
    assert "合计" in [cell.value for cell in cells]
    assert all(cell.data_type != "f" for cell in cells)
    tables = docx.Document(io.BytesIO((tmp_path / "out.docx").read_bytes())).tables
    assert [table.rows[0].cells[0].text for table in tables[:3]] == ["部门"] * 3
