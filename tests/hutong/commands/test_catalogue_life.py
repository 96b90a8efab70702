"""Entries lived through on the command line: written, approved by four people, compared, restored, withdrawn."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from directory.resources.states import MOVES

Run = Callable[..., tuple[int, str, str]]
OFFICE, WATER = "11330100MB0000262E", "11330100MB0000609L"


def record(title: str) -> dict[str, Any]:
    return {
        "title": title,
        "provider": {"name": "示例市水利局", "code": WATER},
        "abstract": "在本市的水文站点的名称、位置和每日水位，供防汛使用。",
        "keywords": ["水文"],
        "categories": [{"scheme": "主题分类", "name": "水利"}],
        "formats": [{"category": "数据库", "types": ["dm"]}],
        "items": [{"name": "站点编码", "field": "code", "length": 18, "is_key": True, "is_nullable": False}],
        "sharing": {"share_type": "unconditional", "conditions": "工作参考", "method_types": ["batch"]},
        "openness": {"is_open": False},
        "data_grade": "一般数据2级",
        "update_cycle": "daily",
    }


@pytest.fixture
def people(run: Run, add_people: Callable[..., None], person: Callable[[str], Run]) -> Callable[[str], Run]:
    """A department's three and the office's two; made once."""
    for code, name, prefix, more in (
        (OFFICE, "示例市数据局", "33001", ["--office"]),
        (WATER, "示例市水利局", "33002", []),
    ):
        run("org", "add", code, name, "--prefix", prefix, *more)
    add_people(WATER, shui=["editor"], juzhang=["department_head", "sharing_lead"])
    add_people(OFFICE, shen=["office_reviewer"], fa=["office_approver"])
    return person


@pytest.fixture
def made(people: Callable[[str], Run], tmp_path: Path) -> Callable[[str], str]:
    """A draft's identifier."""

    def make(title: str) -> str:
        file = tmp_path / "目录.json"
        file.write_text(json.dumps(record(title)), "utf-8")
        done = people("shui")("catalogue", "add", file, "--json")
        assert done[0] == 0, done
        return str(json.loads(done[1])["identifier"])

    return make


def assessed(people: Callable[[str], Run], ref: str) -> None:
    for kind in ("secrecy", "personal_information"):
        said = ("-m", "可以共享", "--on", "2026-01-05")
        assert people("shui")("catalogue", "assess", ref, kind, *said)[0] == 0


def published(people: Callable[[str], Run], *refs: str) -> None:
    for who, step in (("juzhang", "approve"), ("shui", "submit"), ("shen", "review"), ("fa", "publish")):
        done = people(who)("catalogue", step, *refs)
        assert done[0] == 0, (step, done)


def test_every_step_is_a_command(run: Run) -> None:
    text = run("catalogue", "--help")[1]
    names = {"head_approve": "approve"}
    assert [each.step for each in MOVES if f" {names.get(each.step, each.step)} " not in text] == []


def test_published_by_four_people_edited_compared_and_restored(
    people: Callable[[str], Run], made: Callable[[str], str], run: Run, tmp_path: Path
) -> None:
    ref, editor = made("水文站点信息"), people("shui")
    for who, step in (("juzhang", "approve"), ("shui", "submit"), ("shen", "review")):
        assert people(who)("catalogue", step, ref)[0] == 0
    code, _, err = people("fa")("catalogue", "publish", ref)
    assert (code, "RESOURCE_INCOMPLETE" in err, "第十三条" in err) == (1, True, True), err  # what it lacks, each
    assert people("shen")("catalogue", "return", ref, "-f", "abstract=太短", "-f", "items[0].name=不清楚")[0] == 0
    assert "REMARK_INVALID" in people("shen")("catalogue", "return", ref, "-f", "没有等号")[2]
    assessed(people, ref)
    published(people, ref)
    shown = json.loads(run("catalogue", "show", ref, "--json")[1])
    shown["record"]["abstract"] += "另含流量。"
    file = tmp_path / "改.json"
    file.write_text(json.dumps(shown), "utf-8")
    changed = json.loads(editor("catalogue", "edit", ref, file, "--json")[1])
    assert (changed["status"], changed["version"]) == ("draft", shown["version"] + 1)
    code, _, err = editor("catalogue", "edit", ref, file)
    assert (code, "VERSION_CHANGED" in err) == (1, True)
    found = json.loads(run("catalogue", "diff", ref, "--json")[1])
    assert [each["path"] for each in found["differences"] if each["path"] == "abstract"] == ["abstract"]
    assert (found["from"], found["to"]) == (shown["version"], shown["version"] + 1)
    assert "abstract" in run("catalogue", "diff", ref)[1]
    assert run("catalogue", "restore", ref, "3", "--as", "nobody")[0] == 1
    assert "VERSION_CHANGED" in editor("catalogue", "restore", ref, shown["version"], "--current", "1")[2]
    assert editor("catalogue", "restore", ref, shown["version"])[0] == 0
    same = json.loads(run("catalogue", "diff", ref, "--json")[1])["differences"]
    assert [each for each in same if each["path"] == "abstract"] == []
    lines = json.loads(run("catalogue", "versions", ref, "--json")[1])["versions"]
    assert [each["version"] for each in lines] == list(range(shown["version"] + 2, 0, -1))
    assert [each["version"] for each in lines if each["is_published"]] == [shown["version"]]
    assert json.loads(run("catalogue", "show", ref, "--version", "1", "--json")[1])["version"] == 1
    assert "RESOURCE_NOT_FOUND" in run("catalogue", "show", ref, "--version", "99")[2]
    assert 0 < json.loads(run("catalogue", "score", ref, "--json")[1])["total"] <= 100
    assert "满分 100" in run("catalogue", "score", ref)[1]


def test_an_assessment_with_its_file(people: Callable[[str], Run], made: Callable[[str], str], tmp_path: Path) -> None:
    ref, editor = made("测站考核"), people("shui")
    said = ("assess", ref, "secrecy", "-m", "可以共享", "--on", "2026-01-05")
    file, back = tmp_path / "审查.pdf", tmp_path / "back.pdf"
    file.write_bytes(b"%PDF-1.7 \xff")
    assert editor("catalogue", *said, "--file", file)[0] == 0
    assert editor("catalogue", *said)[0] == 0
    file.write_bytes(b"MZ")
    assert "ASSESSMENT_FILE_KIND" in editor("catalogue", *said, "--file", file)[2]
    assert "FILE_UNREADABLE" in editor("catalogue", *said, "--file", tmp_path / "none.pdf")[2]
    lines = json.loads(editor("catalogue", "assessments", ref, "--json")[1])["assessments"]
    assert [each["file"] and each["file"]["name"] for each in lines] == ["审查.pdf", None]
    assert "审查.pdf" in editor("catalogue", "assessments", ref, "--file-of", 1, "--out", back)[1]
    assert back.read_bytes() == b"%PDF-1.7 \xff"
    assert "ASSESSMENT_FILE_NOT_FOUND" in editor("catalogue", "assessments", ref, "--file-of", 2, "--out", back)[2]
    assert "ARGUMENT_BAD" in editor("catalogue", "assessments", ref, "--file-of", 1)[2]


def test_many_at_once_each_with_its_own_outcome(people: Callable[[str], Run], made: Callable[[str], str]) -> None:
    one, other = made("河道信息"), made("水库信息")
    for ref in (one, other):
        assessed(people, ref)
    published(people, one, other)
    code, out, _ = people("fa")("catalogue", "withdraw", one, "没有这一条", "-m", "不再维护", "--json")
    answer = json.loads(out)
    assert (code, answer["done"], answer["refused"]) == (1, 1, 1)
    assert answer["entries"][1]["problem"]["code"] == "RESOURCE_NOT_FOUND"
    assert "COMMENT_REQUIRED" in people("fa")("catalogue", "suspend", other)[2]
    assert people("fa")("catalogue", "suspend", other, "-m", "核对")[0] == 0
    # the same status would be reached, by another step: what was typed is what is meant
    assert "STATUS_FORBIDS" in people("fa")("catalogue", "publish", other)[2]
    assert people("fa")("catalogue", "resume", other)[0] == 0
    assert "STATUS_FORBIDS" in people("shui")("catalogue", "discard", other, "-m", "错了")[2]
    copied = json.loads(people("shui")("catalogue", "copy", other, "--json")[1])
    assert copied["status"] == "draft"
    assert people("shui")("catalogue", "discard", copied["identifier"], "-m", "试一下")[0] == 0
    fresh = made("水闸信息")
    assert people("juzhang")("catalogue", "approve", fresh)[0] == 0
    assert people("shui")("catalogue", "recall", fresh)[0] == 0


def test_nobody_decides_for_another(
    people: Callable[[str], Run], made: Callable[[str], str], run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ref = made("堤防信息")
    assert run("catalogue", "approve", ref)[0] == 2  # without a person it is misused
    wrong = tmp_path / "wrong"
    wrong.write_text("x" * 300 + "\n")
    with monkeypatch.context() as patch:
        patch.setenv("HUTONG_PASSWORD_FILE", str(wrong))
        for who in ("juzhang", "hutong", "x" * 300, "nobody"):
            assert "LOGIN_FAILED" in run("catalogue", "approve", ref, "--as", who)[2], who
        wrong.write_text("wrong\n")
        codes = [run("catalogue", "approve", ref, "--as", "fa")[2] for _ in range(6)]
        assert ["LOGIN_LOCKED" in each for each in codes] == [False] * 5 + [True]
        patch.setenv("HUTONG_PASSWORD_FILE", str(tmp_path / "none"))
        assert "FILE_UNREADABLE" in run("catalogue", "approve", ref, "--as", "juzhang")[2]
    assert "FORBIDDEN" in people("shui")("catalogue", "approve", ref)[2]
    odd = run("catalogue", "show", "\udcff")
    assert (odd[0], "ARGUMENT_BAD" in odd[2]) == (1, True), odd
    file = tmp_path / "坏.json"
    for text in ("", "[]", '{"title": 1}', '{"version": 0, "record": {}}'):
        file.write_text(text)
        for command in (("add", file), ("edit", ref, file)):
            code, _, err = people("shui")("catalogue", *command)
            assert (code, "JSON_UNREADABLE" in err) == (1, True), (text, err)
