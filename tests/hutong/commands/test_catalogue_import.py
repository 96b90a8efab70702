"""Importing on the command line: repaired, mapped by a file, in part, and taken back."""

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl

from directory.audit.models import AuditOut
from hutong.directory_access import open_directory
from metadata.audit import AuditEntry

Run = Callable[..., tuple[int, str, str]]


def workbook(path: Path, *rows: tuple[str, ...]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "目录"
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def test_repaired_imported_and_taken_back(run: Run, tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "目录.xlsx",
        ("信息资源名称", "信息资源提供方", "信息资源摘要", "更新周期"),
        ("水文站点", "命令行市水利局", "站点的位置", "适时"),
    )
    before = file.read_bytes()
    tried = json.loads(run("catalogue", "import", file, "--dry-run", "--repair", "--json")[1])
    assert (tried["added"], tried["findings"], tried["import_id"]) == (1, 0, None)
    code, out, err = run("catalogue", "import", file, "--repair", "--report", tmp_path / "报告")
    assert (code, "已修复 选项填成编号或非标准说法：1 处" in err) == (0, True), err
    assert file.read_bytes() == before
    assert openpyxl.load_workbook(tmp_path / "报告.xlsx")["目录"]["D2"].value == "不定期"
    number = out.split("导入编号 ")[1][:36]
    listed = json.loads(run("catalogue", "imports", "--json")[1])["imports"]
    assert [(each["id"], each["state"]) for each in listed] == [(number, "carried_out")]
    assert f"{number}\t" in run("catalogue", "imports")[1]
    undone = json.loads(run("catalogue", "undo", number, "--json")[1])
    assert (undone["discarded"], undone["kept"]) == (1, 0)
    code, _, err = run("catalogue", "undo", number)
    assert (code, "IMPORT_STATE" in err) == (1, True)
    assert "IMPORT_NOT_FOUND" in run("catalogue", "undo", "00000000-0000-4000-8000-000000000000")[2]


def test_the_doctor_speaks_without_being_asked_to_act(run: Run, tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "目录.xlsx", ("信息资源名称", "信息资源提供方", "更新周期"), ("雨量", "命令行市水利局", "适时")
    )
    code, _, err = run("catalogue", "import", file, "--dry-run", "--report", tmp_path / "报告")
    assert (code, "有把握，可用 --repair 修复" in err) == (0, True)
    report = json.loads((tmp_path / "报告.json").read_text())
    assert [(each["column"], each["after"]) for each in report["repairs"]] == [("C", "不定期")]


def test_columns_said_in_a_file(run: Run, tmp_path: Path) -> None:
    file = workbook(tmp_path / "怪表.xlsx", ("名堂", "归谁管", "备注"), ("桥梁", "命令行市住建局", "无"))
    assert "HEADERS_UNKNOWN" in run("catalogue", "import", file)[2]
    said = tmp_path / "对应.json"
    columns = [{"sheet": "目录", "index": 0, "element": "title"}, {"sheet": "目录", "index": 1, "element": "provider"}]
    said.write_text(json.dumps(columns), "utf-8")
    done = json.loads(run("catalogue", "import", file, "--mapping", said, "--json")[1])
    assert (done["added"], done["rows"]) == (1, 1)
    said.write_text(json.dumps([{"sheet": "目录", "index": 7, "element": "title"}]), "utf-8")
    assert "IMPORT_COLUMN_UNKNOWN" in run("catalogue", "import", file, "--mapping", said)[2]
    said.write_text('{"title": 0}', "utf-8")
    assert "MAPPING_UNREADABLE" in run("catalogue", "import", file, "--mapping", said)[2]


def test_only_the_good(run: Run, tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "目录.xlsx",
        ("信息资源名称", "信息资源提供方", "信息资源代码"),
        ("好的", "命令行市财政局", ""),
        ("不好的", "命令行市财政局", "不像代码"),
    )
    code, _, err = run("catalogue", "import", file)
    assert (code, "IMPORT_REFUSED" in err) == (1, True)
    code, out, _ = run("catalogue", "import", file, "--only-good")
    assert (code, "已新增 1 条草稿" in out, "未能导入" in out) == (0, True, True)


def test_an_entry_with_a_broken_cell_is_refused_or_taken_without_it(run: Run, tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "目录.xlsx",
        ("信息资源名称", "信息资源提供方", "更新周期"),
        ("甲", "命令行市城管局", "每年"),
        ("乙", "命令行市城管局", "有空就更新"),
    )
    code, out, err = run("catalogue", "import", file)
    assert (code, "IMPORT_REFUSED" in err) == (1, True)
    assert out.startswith("没有问题 1 条，不能导入 1 条（其中 1 条有不能采用的单元格）"), "first how much of it is fine"
    assert "1 条目录没有问题，1 条不能导入" in err
    assert "--only-good" in err
    assert "--without-broken" in err
    tried = run("catalogue", "import", file, "--dry-run", "--only-good")[1]
    assert ("将新增 1 条草稿" in tried, "全部不导入" in tried) == (True, False)
    assert ("有空就更新" in err, "已新增" in out) == (True, False), "nothing was imported, and nothing else is said"
    done = json.loads(run("catalogue", "import", file, "--without-broken", "--json")[1])
    assert (done["added"], done["findings"]) == (2, 1)


def test_a_person_imports_for_their_department_and_under_their_name(
    run: Run, add_people: Callable[..., None], person: Callable[[str], Run], tmp_path: Path
) -> None:
    own, other = "11330100MB0000609L", "113301000024900078"
    run("org", "add", own, "示例市财政局", "--prefix", "33002")
    run("org", "add", other, "示例市水利局", "--prefix", "33003")
    add_people(own, cai=["editor"], juzhang=["department_head"])
    clerk = person("cai")
    header = ("信息资源名称", "信息资源提供方")
    theirs = workbook(tmp_path / "水.xlsx", header, ("闸门", "示例市水利局"))
    assert "FORBIDDEN" in clerk("catalogue", "import", theirs)[2], "of another department nothing is theirs to import"
    assert "FORBIDDEN" in person("juzhang")("catalogue", "import", theirs)[2]
    mine = workbook(tmp_path / "财.xlsx", header, ("预算", "示例市财政局"))
    done = json.loads(clerk("catalogue", "import", mine, "--json")[1])
    assert done["added"] == 1
    (listed,) = json.loads(clerk("catalogue", "imports", "--json")[1])["imports"]
    assert (listed["id"], listed["org_code"]) == (done["import_id"], own)
    run("catalogue", "import", theirs)
    installed = json.loads(run("catalogue", "imports", "--json")[1])["imports"][0]["id"]
    assert "IMPORT_NOT_FOUND" in clerk("catalogue", "undo", installed)[2]
    assert json.loads(clerk("catalogue", "undo", done["import_id"], "--json")[1])["discarded"] == 1
    with open_directory() as opened, opened.sessions() as session:
        said = [AuditEntry.from_bytes(row.bytes) for row in session.query(AuditOut)]
    by = {(each.action, each.subject): each.actor for each in said}
    number = done["import_id"]
    assert (by["import:run", number], by["import:undo", number], by["import:run", installed]) == (
        "cai",
        "cai",
        "hutong",
    )
