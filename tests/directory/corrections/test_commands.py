"""Corrections, objections, complaints and ratings on the command line: the verbs of the API, as a person."""

import json
from pathlib import Path

from tests.directory.access.conftest import TODAY, Town
from tests.directory.access.test_commands import run
from tests.directory.conftest import Command

__all__ = ["run"]


def made(done: tuple[int, str, str]) -> dict[str, object]:
    status, out, err = done
    assert status == 0, err
    return dict(json.loads(out))


def test_a_correction(town: Town, resource: str, using: str, run: Command, tmp_path: Path) -> None:
    one = made(run("clerk", "correction", "raise", resource, "-m", "姓名有误", "--item", "xm", "--count", 2, "--json"))
    ref = str(one["id"])
    assert str(one["number"]) in run("lead", "correction", "list")[1]
    paper = tmp_path / "evidence.pdf"
    paper.write_bytes(b"%PDF-1.7 x")
    assert run("clerk", "correction", "attach", ref, paper)[1].strip() == "材料已添加"
    assert run("lead", "correction", "terms", ref)[1].count("计入") >= 10
    refused = run("lead", "correction", "move", "corrected", ref, "-m", "已改")
    assert refused[0] == 1
    assert "CORRECTION_FROM" in refused[2]
    done = made(run("lead", "correction", "move", "corrected", ref, "-m", "已改", "--from", TODAY, "--json"))
    assert done["state"] == "telling"
    assert "已更正，办结" in run("clerk", "correction", "move", "acknowledged", ref)[1]
    shown = run("clerk", "correction", "show", ref)[1]
    assert "确认重新取数" in shown
    assert run("clerk", "correction", "move", "raised", ref)[0] == 1


def test_an_objection(town: Town, resource: str, run: Command, tmp_path: Path) -> None:
    one = made(run("clerk", "objection", "raise", "catalogue", "-m", "周期不对", "--entry", resource, "--json"))
    ref = str(one["id"])
    assert str(one["number"]) in run("lead", "objection", "list")[1]
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(b"%PDF-1.7 x")
    assert run("clerk", "objection", "attach", ref, paper)[0] == 0
    assert run("lead", "objection", "move", "answered", ref, "-m", "已改", "--outcome", "maybe")[0] == 1
    assert run("lead", "objection", "move", "answered", ref, "-m", "已改", "--outcome", "upheld")[0] == 0
    assert "接受答复，办结" in run("own_lead", "objection", "move", "settled", ref)[1]
    assert "条例未规定" in run("clerk", "objection", "terms", ref)[1]
    assert "异议成立" in run("clerk", "objection", "show", ref)[1]


def test_a_complaint(town: Town, run: Command, tmp_path: Path) -> None:
    one = made(run("clerk", "complaint", "raise", "misuse", "-m", "超范围使用", "--json"))
    ref = str(one["id"])
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(b"%PDF-1.7 x")
    assert run("clerk", "complaint", "attach", ref, paper)[0] == 0
    assert "没有投诉举报" in run("own_lead", "complaint", "list")[2]
    assert run("reviewer", "complaint", "move", "accepted", ref)[0] == 0
    sent = run("approver", "complaint", "move", "assigned", ref, "-m", "请查", "--to", town.orgs["provider"])
    assert sent[0] == 0, sent[2]
    assert "超范围使用" not in run("lead", "complaint", "show", ref, "--json")[1]
    assert run("lead", "complaint", "move", "reported", ref, "-m", "查过了")[0] == 0
    assert "已答复" in run("reviewer", "complaint", "move", "answered", ref, "-m", "已处理")[1]
    entered = made(run("reviewer", "complaint", "enter", "other", "-m", "来信", "--name", "李某", "--json"))
    assert entered["received_on"] == TODAY.isoformat()
    counted = run("approver", "complaint", "count")[1]
    assert f"{TODAY.year} 年 2 件" in counted
    assert run("lead", "complaint", "count")[0] == 1


def test_a_rating(town: Town, resource: str, using: str, run: Command) -> None:
    assert "还没有评价" in run("clerk", "rating", "show", resource)[2]
    assert run("clerk", "rating", "give", using, 4, 3, 5, "-m", "好用")[0] == 0
    assert "好用" in run("lead", "rating", "note", "answered", using, "-m", "谢谢")[1]
    assert "RATING_MOVE_ILLEGAL" in run("approver", "rating", "note", "shown", using, "-m", "x")[2]
    found = made(run("", "rating", "show", resource, "--json"))
    assert (found["total"], found["departments"]) == (1, 1)
