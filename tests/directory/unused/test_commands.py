"""``hutong use unused`` and ``propose``: which grants nobody puts to use, and their end."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from tests.directory.access.conftest import Town, conditional_sharing
from tests.directory.access.test_commands import run

__all__ = ["run"]
Run = Callable[..., tuple[int, str, str]]


def test_what_nobody_uses_is_listed_its_end_proposed_and_taken(town: Town, in_use: Any, run: Run) -> None:
    request_id = in_use(town.publish("困难群众名单", conditional_sharing()))
    said = {"occasion": "first_delivery", "items_used": ["sfzhm"], "scenario": "核验", "process": "比对"}
    clerk = town.people["clerk"].client
    assert clerk.post(f"/api/v1/requests/{request_id}/uses", json=said | {"storage": "专用库"}).status_code == 201
    [line] = run("lead", "use", "unused")[1].splitlines()
    assert line.startswith(request_id), line
    assert line.endswith("没用到：姓名、行政区划代码、登记日期"), line
    assert request_id not in run("outside_lead", "use", "unused")[1]
    assert run("lead", "use", "unused", "--days", 0)[0] == 2
    for who, arguments, code in (
        ("lead", (request_id,), "COMMENT_REQUIRED"),
        ("clerk", (request_id, "-m", "不需要"), "FORBIDDEN"),
        ("lead", (UUID(int=0), "-m", "不需要"), "REQUEST_NOT_FOUND"),
    ):
        status, _, err = run(who, "use", "propose", *arguments)
        assert (status, code in err) == (1, True), err
    assert run("lead", "use", "propose", request_id, "-m", "三个月没有一条记录用到")[0] == 0
    assert "提议提前结束" in run("own_lead", "notices", "list", "--unread")[1]
    assert "提议提前结束：三个月没有一条记录用到" in run("own_lead", "request", "comments", request_id)[1]
    assert run("own_lead", "request", "move", "purpose_done", request_id, "-m", "不再需要")[0] == 0
    assert "END_NOT_OPEN" in run("lead", "use", "propose", request_id, "-m", "再提一次")[2]
    assert run("lead", "use", "unused")[1:] == ("", "没有这样的授权\n")
