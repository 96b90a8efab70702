"""An act on the pages and on the command line: previewed, chosen one by one, carried out, shown afterwards."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from directory.clock.today import shanghai_today
from directory.reform.work import turn
from tests.directory.access.conftest import Town, conditional_sharing, mount_of
from tests.directory.conftest import Command
from tests.directory.hostile.forms import Shown, forms
from tests.directory.reform.conftest import PAPER, rows


@pytest.fixture
def run(town: Town, command: Command) -> Command:
    """Commands as one of the town's people: ``run("approver", "org", "reform", file)``."""
    return lambda who, *arguments: command(town.people[who].actor.username if who else "", *arguments)


def test_a_split_on_the_page(town: Town, resource: str, department: Callable[..., str]) -> None:
    second = town.publish("出入境记录", conditional_sharing(), mounts=(mount_of("chu_ru_jing"),))
    old, kept, given = town.orgs["provider"], department("留局"), department("移局")
    browser = town.city.browser(town.people["approver"].actor.username)
    form = f"/reforms/new?kind=split&organisation={old}"
    typed: dict[str, Any] = {
        "kind": "split",
        "organisations": old,
        "successors": [kept, given],
        "default_successor": kept,
        "effective_on": shanghai_today().isoformat(),
        "basis": PAPER,
    }
    blank = browser.send(form, "/reforms/new", **typed | {"do": "preview", "effective_on": ""})
    assert (blank.status_code, "生效日期没有填" in blank.text, "留局" in blank.text) == (422, True, True)
    shown = browser.send(form, "/reforms/new", do="preview", **typed)
    assert shown.status_code == 200, shown.text
    assert f'name="entry:{second}"' in shown.text
    digest = shown.text.split('name="digest" value="')[1][:64]
    chosen = typed | {
        f"entry:{second}": given,
        f"person:{town.people['head'].actor.username}": given,
        f"person:{town.people['operator'].actor.username}": "",
    }
    again = browser.send(form, "/reforms/new", do="carry_out", digest=digest, **chosen)
    assert again.status_code == 409  # something was chosen since: it is previewed once more, with what was chosen
    assert "新的授权须由承接部门在自己的节点上重新挂接" in again.text
    digest = again.text.split('name="digest" value="')[1][:64]
    done = browser.send(form, "/reforms/new", do="carry_out", digest=digest, **chosen)
    assert done.status_code == 303, done.text
    told = browser.get(done.headers["location"]).text
    assert all(words in told for words in (PAPER, "留局", "移局", "目录"))
    assert dict(rows(town, "SELECT id::text, org_code FROM resource")) == {resource: kept, second: given}
    reader = town.city.browser(town.people["clerk"].actor.username)
    page = reader.get(f"/organisations/{old}").text
    assert ("已撤并" in page, "留局" in page, "改位置" in page) == (True, True, False)
    assert "示例市公安局" in reader.get("/organisations").text
    assert PAPER in reader.get("/reforms").text
    assert reader.get("/reforms/new").status_code == 403
    assert reader.get("/reforms/00000000-0000-0000-0000-000000000000").status_code == 404


def test_another_kind_of_act_keeps_what_was_typed(town: Town, department: Callable[..., str]) -> None:
    """There and back: what a kind has no field for waits, unseen. Enter in a field only previews."""
    browser = town.city.browser(town.people["approver"].actor.username)
    old, other, new, third = (department(name) for name in ("寅局", "卯局", "辰局", "巳局"))

    def become(another: str, **typed: Any) -> Shown:
        answer = browser.send("/reforms/new", "/reforms/new", **typed | {"become": another})
        assert answer.status_code == 200
        [form] = [each for each in forms(answer.text, "/reforms/new") if each.action == "/reforms/new"]
        return form

    def filled(form: Shown) -> dict[str, Any]:
        return {name: form.values(name) for name in form.names if name != "csrf_token"}

    typed: dict[str, Any] = {
        "kind": "merge",
        "organisations": [old, other],
        "successors": [new],
        "effective_on": "2026-12-31",
    }
    split = filled(become("split", **typed, basis=PAPER, words="过渡期三个月"))
    assert (split["organisations"], split["successors"]) == ([old], [new])
    rename = filled(become("rename", **split | {"successors": [new, third], "default_successor": [third]}))
    merge = become("merge", **rename | {"name": ["寅卯局"], "short_name": ["寅卯"]})
    kept = ("effective_on", "basis", "words", "name", "short_name", "default_successor")
    assert [merge.values(name) for name in kept] == [
        *(["2026-12-31"], [PAPER], ["过渡期三个月"], ["寅卯局"], ["寅卯"], [third])
    ]
    assert set(merge.values("organisations")) == {old, other}
    again = become("split", **filled(merge))
    assert set(again.values("successors")) == {new, third}
    assert merge.buttons[0] == ("do", "preview"), "what Enter in a field presses"


def test_a_merge_on_the_command_line(town: Town, department: Callable[..., str], run: Command, tmp_path: Path) -> None:
    old, new, file = department("子局"), department("丑局"), tmp_path / "act.json"
    today = shanghai_today().isoformat()
    asked = {"kind": "merge", "organisations": [old], "successors": [new], "effective_on": today, "basis": PAPER}
    file.write_text(json.dumps(asked), "utf-8")
    assert run("lead", "org", "reform", file)[0] == 1
    status, out, err = run("approver", "org", "reform", file)
    assert status == 0, err
    assert ("人员" in out, "清单摘要" in out) == (True, True)
    seen = json.loads(run("approver", "org", "reform", file, "--json")[1])
    assert seen["counts"]["person"] == 3
    assert run("approver", "org", "reform", file, "--digest", "0" * 64)[0] == 1
    status, out, err = run("approver", "org", "reform", file, "--digest", seen["digest"])
    assert (status, "已办理合并" in out) == (0, True), err
    assert run("reviewer", "org", "place", new, "--level", "city", "--parent", town.orgs["office"])[0] == 0
    listed = run("", "org", "list")[1]
    assert f"由 {new} 承接" in listed
    out_file = tmp_path / "tree.xlsx"
    assert run("", "org", "export", out_file)[0] == 0
    status, out, err = run("", "org", "import", out_file, "--dry-run", "--json")
    taken = json.loads(out)
    assert (status, taken["added"], taken["changed"], taken["faults"]) == (0, 0, 0, []), err
    assert run("", "org", "import", out_file)[1].startswith("新登记 0 个部门，改动 0 个")


def test_acts_under_way_on_the_command_line(town: Town, run: Command, department: Callable[..., str]) -> None:
    body = {"kind": "merge", "organisations": [department("申局")], "successors": [department("酉局")], "basis": PAPER}
    body["effective_on"] = shanghai_today().isoformat()
    client = town.people["approver"].client
    body["digest"] = client.post("/api/v1/reforms/preview", json=body).json()["digest"]
    number = client.post("/api/v1/reforms/begin", json=body).json()["reform_id"]
    (listed,) = json.loads(run("approver", "org", "reforms", "--json")[1])["reforms"]
    assert (listed["reform_id"], listed["state"]) == (number, "waiting")
    code, out, _ = run("approver", "org", "reforms", "--stop", number)
    assert (code, out.startswith(f"{number}\t合并\t"), "等待开始" in out) == (0, True, True)
    turn(town.city.app.state.sessions, town.city.app.state.directory_key)
    assert "按要求停止了" in run("approver", "org", "reforms")[1]
    assert run("approver", "org", "reforms", "--again", number)[0] == 0
    turn(town.city.app.state.sessions, town.city.app.state.directory_key)
    assert "没有未办完的机构改革" in run("approver", "org", "reforms")[2]
    assert "FORBIDDEN" in run("clerk", "org", "reforms")[2]
