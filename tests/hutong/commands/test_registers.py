"""Changes of duty, prefixes, classes, base libraries, templates and rates, as somebody types them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.hutong.commands.test_catalogue_life import OFFICE, WATER, record

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def people(run: Run, add_people: Callable[..., None], person: Callable[[str], Run]) -> Callable[[str], Run]:
    run("org", "add", OFFICE, "示例市数据局", "--prefix", "33001", "--office")
    run("org", "add", WATER, "示例市水利局", "--prefix", "33002")
    add_people(WATER, shui=["editor"], gong=["sharing_lead"])
    add_people(OFFICE, shen=["office_reviewer"], fa=["office_approver"])
    return person


@pytest.fixture
def draft(people: Callable[[str], Run], tmp_path: Path) -> str:
    file = tmp_path / "目录.json"
    file.write_text(json.dumps(record("水文站点信息")), "utf-8")
    return str(json.loads(people("shui")("catalogue", "add", file, "--json")[1])["id"])


def test_a_change_of_duty(people: Callable[[str], Run], draft: str, run: Run) -> None:
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    made = json.loads(people("shui")("duty", "report", "duty", "职责调整", draft, "--on", today, "--json")[1])
    number = made["id"]
    assert run("duty", "report", "duty", "职责调整", draft, "--on", today)[0] == 2
    assert number in run("duty", "list", "--open")[1]
    assert json.loads(run("duty", "list", "--done", "--json")[1]) == {"changes": []}
    code, out, _ = run("duty", "show", number)
    assert (code, "水文站点信息" in out, "草稿" in out) == (0, True, True)
    assert "DUTY_CHANGE_NOT_FOUND" in run("duty", "show", "00000000-0000-4000-8000-000000000000")[2]
    assert people("shui")("duty", "extend", number, "0", "-m", "人手不足")[2].startswith("错误 ARGUMENT_BAD")
    asked = json.loads(people("shui")("duty", "extend", number, "3", "-m", "人手不足", "--json")[1])
    assert asked["extension"]["is_granted"] is None
    assert "FORBIDDEN" in people("shen")("duty", "decide", number, "--grant")[2]
    assert "已同意" in people("fa")("duty", "decide", number, "--grant")[1]
    assert people("fa")("duty", "decide", number, "--refuse", "-m", "不")[0] == 1


def test_prefixes_and_classes(people: Callable[[str], Run], run: Run) -> None:
    assert people("fa")("prefix", "allot", "33777", WATER)[0] == 0
    lines = json.loads(run("prefix", "list", "--json")[1])["prefixes"]
    assert {each["code"]: bool(each["closed_at"]) for each in lines} == {"33001": False, "33002": True, "33777": False}
    assert "下放给 示例市水利局" in people("fa")("prefix", "delegate", "3388", WATER)[1]
    assert people("gong")("prefix", "allot", "33881", WATER)[0] == 0  # handed down, so the holder allots
    assert "FORBIDDEN" in people("shui")("prefix", "allot", "33882", WATER)[2]
    assert people("gong")("prefix", "close", "33881")[0] == 0
    assert people("fa")("prefix", "close", "x" * 300)[0] == 1
    assert people("shen")("prefix", "add-class", "307012", "水文")[0] == 0
    assert "水文" in run("prefix", "classes")[1]
    retired = json.loads(people("shen")("prefix", "retire-class", "307012", "--json")[1])["classes"]
    assert [bool(each["retired_at"]) for each in retired if each["code"] == "307012"] == [True]


def test_libraries_and_templates(people: Callable[[str], Run], draft: str, run: Run, tmp_path: Path) -> None:
    office = people("shen")
    assert "population" in run("library", "list")[1]
    assert office("library", "add", "water", "水利")[0] == 0
    assert "LIBRARY_EXISTS" in office("library", "add", "water", "水利")[2]
    assert office("library", "add-item", "water", "station", "站点编码", "--representation", "an18")[0] == 0
    assert office("library", "change", "water", "--label", "水利信息", "--basis", "会议纪要")[0] == 0
    done = office("library", "change-item", "water", "station", "--lead", WATER, "--basis", "三定", "--json")
    assert json.loads(done[1])["lead_department"] == WATER, done
    shown = json.loads(run("library", "show", "water", "--json")[1])
    assert (shown["label"], shown["gaps"], shown["items"][0]["is_gap"]) == ("水利信息", 1, True)
    assert "无部门提供" in run("library", "show", "water")[1]
    assert json.loads(run("library", "duplicates", "--json")[1])["alike"] == []
    assert run("library", "duplicates")[0] == 0
    assert office("library", "change-item", "water", "station", "--retire")[0] == 0
    assert "LIBRARY_NOT_FOUND" in run("library", "show", "none")[2]
    assert office("library", "set-template", "water", "--from", draft)[0] == 0
    begun = json.loads(people("shui")("library", "template", "water", "--json")[1])
    assert [each["field"] for each in begun["items"]] == ["code"]
    assert "FORBIDDEN" in people("shui")("library", "set-template", "water", "--from", draft)[2]
    file = tmp_path / "模板.json"
    file.write_text(json.dumps(begun), "utf-8")
    assert office("library", "set-template", "water", "--file", file)[0] == 0
    for wrong in (("water",), ("water", "--from", draft, "--file", file), ("坏名", "--file", file)):
        assert "ARGUMENT_BAD" in office("library", "set-template", *wrong)[2]


def test_rates(people: Callable[[str], Run], run: Run) -> None:
    assert "合计" in run("rates")[1]
    assert json.loads(run("rates", "--json")[1])["departments"] == []
    assert json.loads(run("rates", WATER, "--json")[1])["total"] == 0
    assert "示例市水利局" in run("rates", WATER)[1]
    assert run("rates", "all", "--show", "没有这个")[0] == 1
    assert run("rates", "11330100MB0000000X")[0] == 1
