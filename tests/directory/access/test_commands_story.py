"""The stories of a request and of what comes after its grant on the command line, by everybody whose hand it is."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from directory.access.states import Act
from directory.clock.deadlines import SHANGHAI
from tests.directory.access.conftest import (
    CERTIFICATE,
    ITEMS,
    REASON,
    TO_ACCEPTED,
    TO_SUBMITTED,
    TODAY,
    Town,
    conditional_sharing,
    second_approver,
)
from tests.directory.access.test_commands import run

__all__ = ["run"]
Run = Callable[..., tuple[int, str, str]]
SHARING = conditional_sharing()
PAPER = b"%PDF-1.7"


def moved(run: Run, who: str, step: str, request_id: str, *options: object) -> str:
    """What the command line says of a step that is taken."""
    status, out, err = run(who, "request", "move", step, request_id, *options)
    assert status == 0, err
    return out


def stopped(run: Run, code: str, who: str, step: str, request_id: str, *options: object) -> None:
    status, _, err = run(who, "request", "move", step, request_id, *options)
    assert (status, code in err, "下一步" in err) == (1, True, True), err


def test_words_and_papers_stay_inside_the_department_until_it_is_submitted(
    town: Town, resource: str, run: Run, tmp_path: Path
) -> None:
    request_id = town.bring_to(resource)
    paper, hostile, out = tmp_path / "授权书.pdf", tmp_path / "宏.pdf", tmp_path / "取出.pdf"
    paper.write_bytes(PAPER)
    hostile.write_bytes(b"MZ\x90")
    assert run("own_lead", "request", "comments", request_id)[1:] == ("", "没有留言和附件\n")
    assert "（本部门）\t请写明人数\n" in run("own_lead", "request", "comment", request_id, "-m", "请写明人数")[1]
    assert "授权书.pdf\t8 字节" in run("clerk", "request", "attach", request_id, paper)[1]
    for who, arguments, code in (
        ("clerk", ("comment", request_id), "COMMENT_REQUIRED"),
        ("clerk", ("attach", request_id, hostile), "PAPER_KIND"),
        ("clerk", ("attach", request_id, tmp_path / "没有.pdf"), "FILE_UNREADABLE"),
        ("lead", ("comments", request_id), "REQUEST_NOT_FOUND"),
        ("clerk", ("comments", UUID(int=0)), "REQUEST_NOT_FOUND"),
        ("clerk", ("comments", request_id, "--out", out), "ARGUMENT_BAD"),
        ("clerk", ("comments", request_id, "--file-of", UUID(int=0), "--out", out), "PAPER_NOT_FOUND"),
    ):
        status, _, err = run(who, "request", *arguments)
        assert (status, code in err) == (1, True), err
    assert not out.exists()
    town.act("own_lead", request_id, "req_approved")
    moved(run, "clerk", "submitted", request_id)
    talk = run("reviewer", "request", "comments", request_id)[1]
    assert "请写明人数" not in talk, "what was said of the draft stays inside"
    assert run("reviewer", "request", "comment", request_id, "-m", "已收到")[0] == 0
    found = json.loads(run("clerk", "request", "comments", request_id, "--json")[1])
    assert [each["words"] for each in found["comments"]] == ["请写明人数", "已收到"]
    taken = run("clerk", "request", "comments", request_id, "--file-of", found["files"][0]["id"], "--out", out)
    assert (taken[0], out.read_bytes()) == (0, PAPER), taken[2]


def test_all_that_is_missing_is_asked_for_once(town: Town, resource: str, run: Run, tmp_path: Path) -> None:
    request_id = town.bring_to(resource, *TO_SUBMITTED)
    said = ("-m", "请写明人数并附授权书")
    stopped(run, "SUPPLEMENT_EMPTY", "reviewer", "supplement_asked", request_id, *said)
    assert run("reviewer", "request", "move", "supplement_asked", request_id, *said, "--missing", "colour")[0] == 2
    moved(run, "reviewer", "supplement_asked", request_id, *said, "--missing", "scope", "--missing", "papers")
    shown = run("clerk", "request", "show", request_id)[1]
    assert "通知补正\t缺 使用范围、附件材料；请写明人数并附授权书" in shown
    assert "您可办理：amend 修改、submitted 提交、" in shown
    file = tmp_path / "request.json"
    file.write_text(json.dumps(town.asks(resource, scope="三千人，只用于核验")), "utf-8")
    assert "草稿，待本部门批准" in run("clerk", "request", "amend", request_id, file)[1]
    town.act("own_lead", request_id, "req_approved")
    stopped(run, "SUPPLEMENT_UNTOUCHED", "clerk", "submitted", request_id, "-m", "已补齐")
    moved(run, "clerk", "submitted", request_id, "-m", "附件材料：授权书已随上一份申请提交，仍然有效")
    stopped(run, "SUPPLEMENT_ONCE", "reviewer", "supplement_asked", request_id, *said, "--missing", "basis")
    moved(run, "reviewer", "accepted", request_id)


def test_more_time_is_asked_for_once_and_the_requester_is_told(town: Town, resource: str, run: Run) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    why = ("-m", "历史数据须先脱敏")
    stopped(run, "EXTENSION_DAYS", "lead", "extension_asked", request_id, *why, "--days", 11)
    stopped(run, "EXTENSION_DAYS", "lead", "extension_asked", request_id, *why)
    before = json.loads(run("lead", "request", "show", request_id, "--json")[1])["due_on"]
    moved(run, "lead", "extension_asked", request_id, *why, "--days", 3)
    assert "延期 3 个工作日：待信息办决定" in run("approver", "request", "show", request_id)[1]
    assert request_id in run("approver", "request", "todo")[1]
    assert moved(run, "approver", "extended", request_id) == f"{request_id}\t已同意延期\n"
    shown = json.loads(run("clerk", "request", "show", request_id, "--json")[1])
    assert shown["due_on"] > before
    assert shown["extension"]["is_granted"] is True
    assert "延期 3 个工作日：已同意" in run("clerk", "request", "show", request_id)[1]
    assert "答复经信息办同意延期" in run("clerk", "notices", "list", "--unread")[1]
    stopped(run, "MOVE_ILLEGAL", "lead", "extension_asked", request_id, *why, "--days", 2)


def test_a_refusal_is_disputed_up_to_the_government(town: Town, resource: str, run: Run) -> None:
    request_id, office = town.bring_to(resource, *TO_ACCEPTED), town.people["approver"].actor.org_name
    moved(run, "lead", "refused", request_id, "--reason", REASON)
    chain = f"示例市公安局、{office}、本级人民政府"
    assert f"有异议的，依次向 {chain} 提出" in run("own_lead", "request", "show", request_id)[1]
    stopped(run, "COMMENT_REQUIRED", "own_lead", "disputed", request_id)
    stopped(run, "FORBIDDEN", "clerk", "disputed", request_id, "-m", "不服")
    moved(run, "own_lead", "disputed", request_id, "-m", "有法律依据")
    assert request_id in run("lead", "request", "todo")[1]
    for who, step, words in (
        ("lead", "dispute_answered", "维持一"),
        ("own_lead", "escalated", "协商不成"),
        ("approver", "dispute_answered", "维持二"),
        ("own_lead", "escalated", "请政府决定"),
        (second_approver(town), "dispute_answered", "市政府决定维持，文号 1"),
    ):
        moved(run, who, step, request_id, "-m", words)
    shown = run("own_lead", "request", "show", request_id)[1]
    levels = [line.split("\t") for line in shown.splitlines() if line.startswith("  争议 ")]
    assert [addressee for _, addressee, _ in levels] == ["示例市公安局", office, "本级人民政府"]
    for (_, _, told), asked, answer in zip(
        levels, ("有法律依据", "协商不成", "请政府决定"), ("维持一", "维持二", "市政府决定维持，文号 1"), strict=True
    ):
        assert told == f"{TODAY} 提出：{asked}，{TODAY} 答复：{answer}"
    assert "争议已了结，不予共享" in shown
    stopped(run, "MOVE_ILLEGAL", "own_lead", "escalated", request_id, "-m", "再报")


def test_every_day_of_a_term_is_told_with_its_reason(town: Town, resource: str, run: Run) -> None:
    then = datetime(2025, 9, 30, 10, tzinfo=SHANGHAI)
    request_id = town.endorsed_on(then, resource)
    assert run("clerk", "request", "terms", request_id)[1:] == ("", "还没有计时\n")
    with town.city.app.state.sessions.begin() as session:
        for who, step in (("clerk", Act.SUBMITTED), ("reviewer", Act.ACCEPTED)):
            town.decide(session, who, UUID(request_id), step, then)
    sheet = run("lead", "request", "terms", request_id)[1].splitlines()
    assert sheet[0].endswith("（条例第 21 条，10 个工作日）：2025-10-21 截止，正在计时"), sheet[0]
    assert "  2025-09-30\t–\t收到当日，不计" in sheet
    assert "  2025-10-09\t1\t工作日，计入" in sheet
    assert "  2025-10-11\t3\t调休上班，计入" in sheet
    assert "  2025-10-12\t–\t周末，不计" in sheet
    assert any(line.startswith("  2025-10-21\t10\t工作日，计入") for line in sheet)
    assert any(line.startswith("  2025-10-22\t") and line.endswith("已超期") for line in sheet)
    assert any(line.startswith("  合计超期 ") for line in sheet)
    status, _, err = run("outside_lead", "request", "terms", request_id)
    assert (status, "REQUEST_NOT_FOUND" in err) == (1, True)


def test_a_use_is_changed_less_at_once_more_with_a_new_consent(
    town: Town, run: Run, in_use: Any, first_rows: Any, tmp_path: Path
) -> None:
    entry = town.publish("户籍变动", conditional_sharing())
    in_force, file = in_use(entry), tmp_path / "change.json"
    fewer = [item.field for item in ITEMS if item.field != "djrq"]

    def ask(reason: str = "业务调整", request_id: str = in_force, **changes: Any) -> tuple[int, str, str]:
        file.write_text(json.dumps(town.asks(entry, **changes)), "utf-8")
        return run("clerk", "request", "change", request_id, file, "--reason", reason)

    assert "COMMENT_REQUIRED" in ask(" ", items=fewer)[2]
    assert "CHANGE_NONE" in ask()[2]
    status, out, err = ask(items=fewer)
    assert (status, "变更 数据项\t减少\t登记日期 → –" in out) == (0, True), out + err
    less = json.loads(run("clerk", "request", "list", "--mine", "--json")[1])["items"][0]["id"]
    for who, step in TO_ACCEPTED:
        moved(run, who, step, less)
    shown = json.loads(run("clerk", "request", "show", less, "--json")[1])
    assert shown["state"] == "agreed", "what was agreed to before covers it"
    assert town.countersign(shown["grant_id"]).status_code == 200
    assert "已由变更后的授权接替" in run("clerk", "request", "show", in_force)[1]

    first_rows(shown["grant_id"])
    status, out, err = ask(scenario="统计分析", items=fewer, request_id=less)
    assert (status, "增加或改变" in out) == (0, True), out + err
    more = json.loads(run("clerk", "request", "list", "--mine", "--json")[1])["items"][0]["id"]
    for who, step in TO_ACCEPTED:
        moved(run, who, step, more)
    assert "待提供部门答复" in run("clerk", "request", "show", more)[1], "more needs the provider's consent anew"
    moved(run, "lead", "agreed", more)


def test_a_reached_purpose_ends_it_and_disposal_is_certified(
    town: Town, resource: str, run: Run, in_use: Any, tmp_path: Path
) -> None:
    request_id, until = in_use(resource), (TODAY + timedelta(days=10)).isoformat()
    stopped(run, "COMMENT_REQUIRED", "own_lead", "purpose_done", request_id)
    moved(run, "own_lead", "purpose_done", request_id, "-m", "专项核验已结束")
    assert "使用目的已实现，待处置数据" in run("lead", "request", "show", request_id)[1]
    stopped(run, "DISPOSAL_WAY", "lead", "disposal_asked", request_id, "-m", "删干净", "--reason", "扔掉")
    asked = ("-m", "含备份", "--reason", "销毁", "--until")
    stopped(run, "UNTIL_PAST", "lead", "disposal_asked", request_id, *asked, TODAY.isoformat())
    moved(run, "lead", "disposal_asked", request_id, *asked, until)
    assert f"处置要求 销毁，{until} 前：含备份" in run("own_lead", "request", "show", request_id)[1]
    assert request_id in run("own_lead", "request", "todo")[1]
    file = tmp_path / "certificate.json"
    for certificate, code in (
        (CERTIFICATE | {"way": "封存"}, "DISPOSAL_OTHER"),
        (CERTIFICATE | {"witnessed_by": CERTIFICATE["carried_out_by"]}, "DISPOSAL_WITNESS"),
        (CERTIFICATE | {"carried_out_on": "昨天"}, "JSON_UNREADABLE"),
    ):
        file.write_text(json.dumps({"certificate": certificate}), "utf-8")
        stopped(run, code, "own_lead", "disposed", request_id, "--file", file)
    file.write_text(json.dumps({"certificate": {"way": "销毁"}}), "utf-8")
    stopped(run, "certificate.covers（缺少该字段）", "own_lead", "disposed", request_id, "--file", file)
    stopped(run, "comment（最长 2000 个字）", "own_lead", "disposed", request_id, "-m", "清" * 2001)
    stopped(run, "DISPOSAL_INCOMPLETE", "own_lead", "disposed", request_id)
    file.write_text(json.dumps({"certificate": CERTIFICATE}), "utf-8")
    moved(run, "own_lead", "disposed", request_id, "--file", file, "-m", "已清空共享库")
    shown = run("lead", "request", "show", request_id)[1]
    assert f"处置证明 销毁\t{TODAY}\t李四 办理，王五 监督\t共享库的表和两份备份" in shown
    assert "出具处置证明\t已清空共享库" in shown, "what was typed goes with what is in the file"
    assert request_id not in run("own_lead", "request", "todo")[1]


def test_a_misuse_is_suspended_put_right_or_ended(town: Town, resource: str, run: Run, in_use: Any) -> None:
    request_id, until = in_use(resource), (TODAY + timedelta(days=7)).isoformat()
    words = ("-m", "超范围使用", "--until")
    stopped(run, "UNTIL_PAST", "lead", "suspended", request_id, *words, TODAY.isoformat())
    assert run("lead", "request", "move", "suspended", request_id, *words, "下周")[0] == 2
    moved(run, "lead", "suspended", request_id, *words, until)
    assert f"{TODAY} 起暂停，整改期限 {until}\n" in run("clerk", "request", "show", request_id)[1]
    assert (
        f"{request_id}\t{town.people['clerk'].actor.org_name}\t户籍人口基本信息\t整改\t{until} 前\t正常"
        in (run("own_lead", "request", "todo")[1])
    )
    stopped(run, "RECTIFICATION_RUNS", "approver", "terminated", request_id, "-m", "逾期未改")
    moved(run, "own_lead", "rectified", request_id, "-m", "已收回账号")
    assert f"{TODAY} 报告整改：已收回账号" in run("lead", "request", "show", request_id)[1]
    moved(run, "lead", "active", request_id, "-m", "整改到位")
    moved(run, "approver", "suspended", request_id, *words, until)
    moved(run, "own_lead", "rectified", request_id, "-m", "已改")
    moved(run, "approver", "terminated", request_id, "-m", "没有改到位")
    assert "已终止，待处置数据" in run("clerk", "request", "show", request_id)[1]
    stopped(run, "MOVE_ILLEGAL", "lead", "active", request_id, "-m", "恢复")


def test_the_worklist_has_three_lists_as_long_as_they_say(town: Town, resource: str, run: Run, in_use: Any) -> None:
    request_id, used, entry = town.bring_to(resource, *TO_SUBMITTED), in_use(resource), town.register("草稿", SHARING)
    for who, tab, is_there in (
        ("reviewer", "todo", True),
        ("own_lead", "todo", False),
        ("own_lead", "done", True),
        ("clerk", "mine", True),
        ("clerk", "done", False),
        ("second_clerk", "mine", False),
        ("head", "todo", False),
        ("clerk", "todo", False),
    ):
        status, out, err = run(who, "request", "todo", "--tab", tab)
        assert status == 0, err
        assert (request_id in out) is is_there, (who, tab)
        numbers = town.people[who].client.get("/api/v1/worklist").json()["counts"]
        assert f"待办 {numbers['todo']} 件，已办 {numbers['done']} 件，我发起的 {numbers['mine']} 件" in err
        assert len(out.splitlines()) == numbers[tab], (who, tab, out)
    assert f"{used}\t使用记录\t户籍人口基本信息\t首批数据到达\t" in run("clerk", "request", "todo")[1]
    assert f"{entry}\t目录\t草稿\t" in run("head", "request", "todo")[1]
    assert run("clerk", "request", "todo", "--tab", "all")[0] == 2
    assert "CURSOR_INVALID" in run("clerk", "request", "todo", "--after", "x")[2]
