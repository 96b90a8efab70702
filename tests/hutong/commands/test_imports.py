"""An import step by step on the command line: columns, cells, entries, each choice by a person; then run and undone."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.hutong.commands.test_catalogue_import import workbook

Run = Callable[..., tuple[int, str, str]]
OFFICE, FINANCE = "11330100MB0000262E", "11330100MB0000609L"
HEADER = ("名堂", "信息资源提供方", "更新周期", "发布日期", "备注")


@pytest.fixture
def clerk(run: Run, add_people: Callable[..., None], person: Callable[[str], Run]) -> Run:
    """Commands of a department's editor, as JSON where it is asked for; made once."""
    run("org", "add", OFFICE, "示例市数据局", "--prefix", "33001", "--office")
    run("org", "add", FINANCE, "示例市财政局", "--prefix", "33002")
    add_people(FINANCE, cai=["editor"], juzhang=["department_head"])
    return person("cai")


def told(clerk: Run, *arguments: object) -> dict[str, Any]:
    code, out, err = clerk("imports", *arguments, "--json")
    assert code == 0, (arguments, err)
    found: dict[str, Any] = json.loads(out)
    return found


def test_step_by_step(clerk: Run, run: Run, person: Callable[[str], Run], tmp_path: Path) -> None:
    rows = [("预算", "示例市财政局", "适时", "2021年3月5日", "x"), ("决算", "示例市财政局", "2", "2021-03-05", "")]
    file = workbook(tmp_path / "财政.xlsx", HEADER, *rows)
    number = told(clerk, "upload", file)["id"]
    columns = told(clerk, "columns", number)["columns"]
    assert [each["element"] for each in columns] == ["", "provider", "update_cycle", "published_on", ""]
    assert "HEADERS_UNKNOWN" in clerk("imports", "map", number)[2]
    for wrong in ("目录/九=title", "目录/9=title"):
        assert "IMPORT_COLUMN_UNKNOWN" in clerk("imports", "map", number, "-c", wrong)[2], wrong
    assert "IMPORT_UNCHECKED" in clerk("imports", "run", number)[2]
    columns = told(clerk, "map", number, "-c", "目录/0=title", "-c", "目录/4=source_system")["columns"]
    assert (columns[0]["element"], columns[4]["element"]) == ("title", "source_system")
    assert told(clerk, "check", number)["state"] == "checked"
    cells = {f"{each['column']}{each['row']}": each for each in told(clerk, "cells", number)["cells"]}
    assert (cells["C2"]["after"], cells["D2"]["after"]) == ("不定期", "2021-03-05")
    assert "C2\t适时 → 不定期" in clerk("imports", "cells", number)[1]
    chosen = (
        "--leave",
        cells["C2"]["number"],
        "--take",
        cells["D2"]["number"],
        "--set",
        f"{cells['C3']['number']}=每年",
    )
    assert "ARGUMENT_BAD" in clerk("imports", "choose", number, "--take", 1, "--leave", 1)[2]
    assert "ARGUMENT_BAD" in clerk("imports", "choose", number, "--set", "x=y")[2]
    assert "IMPORT_CELL_UNKNOWN" in clerk("imports", "choose", number, "--take", 999)[2]
    told(clerk, "choose", number, *chosen)
    assert told(clerk, "repair", number, "--fault", cells["D2"]["fault"])["revision"] == 1
    assert told(clerk, "check", number)["state"] == "checked"
    for form, cycle, day in (("original", "适时", "2021年3月5日"), ("repaired", "适时", "2021-03-05")):
        told(clerk, "save", number, tmp_path / "出.xlsx", "--form", form)
        sheet = openpyxl.load_workbook(tmp_path / "出.xlsx")["目录"]
        assert (sheet["C2"].value, str(sheet["D2"].value)[:10]) == (cycle, day), form
    assert sheet["C3"].value == "每年"
    assert told(clerk, "run", number, "--dry-run")["added"] == 1
    assert "IMPORT_CELLS_BROKEN" in clerk("imports", "run", number)[2], "what was left is mended, or its row left out"
    (left,) = told(clerk, "cells", number, "--of", "update_cycle")["cells"] or told(clerk, "cells", number)["cells"]
    told(clerk, "choose", number, "--set", f"{left['number']}=每周")
    told(clerk, "repair", number)
    told(clerk, "check", number)
    assert "已新增 2 条草稿" in clerk("imports", "run", number)[1]

    budget, final = ("预算", rows[0][1], "每周", "2021-03-05", "x"), ("决算", rows[1][1], "每月", "2021-03-05", "")
    again = workbook(tmp_path / "又.xlsx", HEADER, budget, final)
    second = told(clerk, "upload", again)["id"]
    remembered = told(clerk, "columns", second)["columns"]
    assert (remembered[0]["element"], remembered[4]["element"]) == ("title", "source_system"), "as was said last"
    told(clerk, "check", second)
    (differing,) = told(clerk, "entries", second, "--of", "different")["entries"][-1:]
    assert "更新周期" in clerk("imports", "entries", second)[1]
    assert told(clerk, "update", second, differing["number"])["entries"]["chosen"] == 1
    assert told(clerk, "run", second)["updated"] == 1
    assert told(clerk, "undo", second)["state"] == "undone"
    assert "IMPORT_STATE" in clerk("imports", "discard", second)[2]
    assert "FORBIDDEN" in person("juzhang")("imports", "upload", again)[2]
    assert run("imports", "show", number)[0] == 2, "without a person it is misused"


def test_templates_and_suggestions(clerk: Run, run: Run, tmp_path: Path) -> None:
    listed = json.loads(run("library", "templates", "--json")[1])["templates"]
    assert {each["library"] for each in listed} >= {"population", "legal_person", "geospatial", "statistics"}
    assert all(each["edited_at"] is None for each in listed)
    assert "population\t" in clerk("library", "templates")[1]
    file = workbook(tmp_path / "桥.xlsx", ("信息资源名称", "信息资源提供方"), ("桥梁养护", "示例市财政局"))
    assert run("catalogue", "import", file)[0] == 0
    assert run("catalogue", "reindex")[0] == 0
    found = json.loads(run("catalogue", "suggest", "qiaol", "--json")[1])["suggestions"]
    assert [each["text"] for each in found] == ["桥梁养护"]
    assert "目录\t桥梁养护" in run("catalogue", "suggest", "桥梁")[1]
    assert "没有相近的" in run("catalogue", "suggest", "没有这样的")[2]
    assert "ARGUMENT_BAD" in run("catalogue", "suggest", "桥" * 201)[2]


def test_a_refused_run_names_what_is_in_the_way_and_where_the_rest_is(clerk: Run, tmp_path: Path) -> None:
    rows = [(f"资源{number}", "示例市财政局", "有空就更新") for number in range(60)]
    file = workbook(tmp_path / "多.xlsx", ("信息资源名称", "信息资源提供方", "更新周期"), *rows)
    number = told(clerk, "upload", file)["id"]
    told(clerk, "check", number)
    code, out, err = clerk("imports", "run", number)
    assert (code, out) == (1, "")
    lines = err.splitlines()
    assert sum(line.startswith("  目录!C") and "有空就更新" in line for line in lines) == 50
    assert f"  ……还有 10 处：hutong imports cells {number} --of broken" in lines
    few = told(
        clerk,
        "upload",
        workbook(
            tmp_path / "少.xlsx",
            *[("信息资源名称", "信息资源提供方", "信息资源代码")],
            ("好", "示例市财政局", ""),
            ("冒用", "示例市财政局", "不像代码"),
        ),
    )["id"]
    told(clerk, "check", few)
    code, _, err = clerk("imports", "run", few)
    assert (code, "IMPORT_REFUSED" in err) == (1, True)
    assert any(line.startswith("  ") and "：冒用：" in line for line in err.splitlines()), err


def test_a_refused_import_at_once_names_each_once(clerk: Run, tmp_path: Path) -> None:
    rows = [("好的", "示例市财政局", "每年"), *((f"坏{number}", "示例市财政局", "有空就更新") for number in range(60))]
    file = workbook(tmp_path / "多.xlsx", ("信息资源名称", "信息资源提供方", "更新周期"), *rows)
    code, out, err = clerk("catalogue", "import", file)
    assert (code, "没有问题 1 条，不能导入 60 条" in out, (out + err).count("：坏7：")) == (1, True, 1)
    assert "  ……还有 10 处：加 --json 列出全部" in err.splitlines()
