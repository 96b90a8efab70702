"""Requests on the command line: drafted, decided one by one or many at once, their terms, supervision."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.directory.access.conftest import TO_ENDORSED, TO_SUBMITTED, Town, conditional_sharing
from tests.directory.conftest import Command


@pytest.fixture
def run(town: Town, command: Command) -> Command:
    """Commands as one of the town's people: ``run("lead", "request", "list")``."""
    return lambda who, *arguments: command(town.people[who].actor.username if who else "", *arguments)


def test_from_draft_to_an_agreed_request(town: Town, resource: str, run: Command, tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    file.write_text(json.dumps(town.asks(resource)), "utf-8")
    status, out, err = run("clerk", "request", "draft", file, "--json")
    assert status == 0, err
    request_id = json.loads(out)["id"]
    file.write_text(json.dumps(town.asks(resource, scope="只用于核验")), "utf-8")
    assert run("clerk", "request", "amend", request_id, file)[0] == 0

    assert request_id in run("own_lead", "request", "todo")[1]
    for who, step in (("own_lead", "req_approved"), ("clerk", "submitted"), ("reviewer", "accepted")):
        status, _, err = run(who, "request", "move", step, request_id)
        assert status == 0, err
    asked = run("lead", "request", "move", "extension_asked", request_id, "-m", "历史数据须脱敏", "--days", 5)
    assert asked[0] == 0, asked[2]
    assert run("approver", "request", "move", "extended", request_id)[0] == 0
    [term] = json.loads(run("lead", "request", "terms", request_id, "--json")[1])["terms"]
    assert (term["limit_days"], term["extension_days"]) == (15, 5)
    assert run("lead", "request", "terms", request_id)[1].count("计入") >= 15
    assert request_id in run("reviewer", "request", "supervise", "--light", "green")[1]
    status, _, err = run("lead", "request", "move", "agreed", request_id, "--reason", "涉及正在侦查的案件")
    assert (status, "SAID_TOO_MUCH" in err) == (1, True)
    assert run("lead", "request", "move", "agreed", request_id)[0] == 0
    shown = run("clerk", "request", "show", request_id)[1]
    assert all(word in shown for word in ("同意延期", "历史数据须脱敏", "待提供部门节点会签"))


def test_a_supplement_a_renewal_and_a_consent(town: Town, resource: str, run: Command, tmp_path: Path) -> None:
    request_id = town.bring_to(resource, *TO_SUBMITTED)
    file = tmp_path / "said.json"
    file.write_text(json.dumps({"comment": "写明人数", "missing": ["scope"]}), "utf-8")
    assert run("reviewer", "request", "move", "supplement_asked", request_id, "--file", file)[0] == 0
    assert "通知补正" in run("clerk", "request", "show", request_id)[1]
    file.write_text(json.dumps(town.asks(resource)), "utf-8")
    status, _, err = run("clerk", "request", "renew", request_id, file)
    assert (status, "RENEWAL_STATE" in err) == (1, True)
    status, _, err = run("clerk", "request", "change", request_id, file, "--reason", "每周够用")
    assert (status, "CHANGE_STATE" in err) == (1, True)
    paper = tmp_path / "授权书.pdf"
    paper.write_bytes(b"%PDF-1.7")
    kept = json.loads(run("clerk", "request", "attach", request_id, paper, "--json")[1])
    assert "写明人数" not in run("reviewer", "request", "comment", request_id, "-m", "请看附件")[2]
    out = tmp_path / "out.pdf"
    assert "请看附件" in run("clerk", "request", "comments", request_id, "--file-of", kept["id"], "--out", out)[1]
    assert out.read_bytes() == b"%PDF-1.7"
    [said] = json.loads(run("clerk", "request", "comments", request_id, "--json")[1])["comments"]
    at = datetime.fromisoformat(said["at"]) + timedelta(hours=8)  # as clocks in China show it
    assert f"{at:%Y-%m-%d %H:%M}\t" in run("clerk", "request", "comments", request_id)[1]
    entry = town.publish("公园位置", conditional_sharing(share_type="unconditional"))
    signed = json.loads(run("lead", "consent", "sign", entry, "-m", "照准", "--json")[1])
    assert "公园位置" in run("", "consent", "list")[1]
    assert run("lead", "consent", "revoke", signed["id"], "-m", "收回")[0] == 0
    assert "已撤回" in run("lead", "consent", "list")[1]


def test_a_cart_is_drafted_as_one_case(town: Town, resource: str, run: Command, tmp_path: Path) -> None:
    assert run("second_clerk", "cart", "add", resource)[0] == 0
    assert resource in run("second_clerk", "cart", "list")[1]
    common = {key: value for key, value in town.asks("x").items() if key not in ("resource", "items")}
    file = tmp_path / "case.json"
    file.write_text(json.dumps(common | {"entries": [{"resource": resource, "items": ["sfzhm"]}]}), "utf-8")
    status, out, err = run("second_clerk", "cart", "draft", file)
    assert (status, "案号" in out) == (0, True), err
    assert run("second_clerk", "cart", "remove", resource)[0] == 0  # the case took it out already


def test_many_at_once_each_with_its_own_outcome(town: Town, resource: str, run: Command) -> None:
    good = [town.bring_to(resource, *TO_SUBMITTED) for _ in range(2)]
    early = town.bring_to(resource, *TO_ENDORSED)
    status, out, _ = run("reviewer", "request", "move", "accepted", *good, early, "--json")
    said = json.loads(out)
    assert (status, said["done"], said["refused"]) == (1, 2, 1)
    assert [each.get("code") for each in said["requests"]] == [None, None, "REQUEST_NOT_FOUND"]
    for request_id in good:
        shown = json.loads(run("lead", "request", "show", request_id, "--json")[1])
        assert (shown["state"], shown["stage"]) == ("submitted", "provider")
    status, out, err = run("lead", "request", "move", "refused", *good, "--reason", "不愿意")
    assert (status, err.count("REFUSAL_REASON")) == (1, 2)


def test_what_is_refused(town: Town, resource: str, run: Command, tmp_path: Path) -> None:
    request_id = town.bring_to(resource, *TO_SUBMITTED)
    for who, arguments, code in (
        ("lead", ("move", "accepted", request_id), "FORBIDDEN"),
        ("outside_lead", ("show", request_id), "REQUEST_NOT_FOUND"),
        ("reviewer", ("move", "explode", request_id), "ARGUMENT_BAD"),
        ("clerk", ("supervise",), "FORBIDDEN"),
        ("clerk", ("draft", tmp_path / "none.json"), "FILE_UNREADABLE"),
    ):
        status, _, err = run(who, "request", *arguments)
        assert (status, code in err) == (1, True), err


def test_without_a_name_it_shows_what_the_office_sees(town: Town, resource: str, run: Command) -> None:
    request_id = town.bring_to(resource, *TO_SUBMITTED)
    for arguments in (("list",), ("supervise",), ("show", request_id), ("terms", request_id, "--json")):
        status, out, err = run("", "request", *arguments)
        assert (status, request_id in out) == (0, True), err
