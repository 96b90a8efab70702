"""``hutong service``: a service's end announced, objected to, answered and filed; a changed item taken note of."""

import json
from collections.abc import Callable

from tests.directory.access.conftest import ITEMS, Town, conditional_sharing
from tests.directory.access.test_commands import run
from tests.directory.services.test_item_changes import announced, publish_again
from tests.directory.services.test_services import LATER, SOON

__all__ = ["run"]
Run = Callable[..., tuple[int, str, str]]


def test_announced_objected_to_answered_and_filed(town: Town, in_use: Callable[..., str], run: Run) -> None:
    entry = town.publish("水库水位", conditional_sharing())
    request_id = in_use(entry)
    days = ("--answer-by", SOON.isoformat(), "--from", LATER.isoformat())
    status, _, err = run("lead", "service", "announce", entry, "end", *days)
    assert (status, "COMMENT_REQUIRED" in err) == (1, True)
    status, out, err = run("lead", "service", "announce", entry, "end", *days, "-m", "系统下线", "--json")
    assert status == 0, err
    notice = json.loads(out)["id"]
    assert "水库水位" in run("own_lead", "service", "list")[1]
    objected = run("own_lead", "service", "answer", notice, request_id, "--object", "-m", "请顺延")
    assert objected[0] == 0, objected[2]
    assert "SERVICE_UNSETTLED" in run("approver", "service", "file", notice, "-m", "备案")[2]
    assert run("lead", "service", "reply", notice, "-m", "替代接口已通")[0] == 0
    assert run("own_lead", "service", "answer", notice, request_id)[0] == 0
    assert json.loads(run("approver", "service", "file", notice, "-m", "备案", "--json")[1])["status"] == "filed"
    shown = run("own_lead", "service", "show", notice)[1]
    assert all(words in shown for words in ("请顺延", "替代接口已通"))
    assert "SERVICE_CLOSED" in run("lead", "service", "withdraw", notice, "-m", "算了")[2]


def test_a_changed_item_is_listed_and_taken_note_of(town: Town, in_use: Callable[..., str], run: Run) -> None:
    entry = town.publish("河道信息", conditional_sharing())
    request_id = in_use(entry)
    shorter = tuple(item.model_copy(update={"length": 20}) if item.field == "xm" else item for item in ITEMS)
    announced(town, entry)
    publish_again(town, entry, items=shorter)
    [change] = json.loads(run("clerk", "service", "changes", "--waiting", "--json")[1])["changes"]
    assert change["request_id"] == request_id
    assert "“姓名”的长度" in run("clerk", "service", "changes")[1]
    assert run("clerk", "service", "note", request_id, change["version"])[0] == 0
    assert "没有变化" in "".join(run("clerk", "service", "changes", "--waiting")[1:])
    assert "ITEM_CHANGE_NOTED" in run("clerk", "service", "note", request_id, change["version"])[2]
