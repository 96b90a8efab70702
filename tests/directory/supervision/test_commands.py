"""``hutong request supervise``: what is late, whose, under which situation; urged on record."""

import json
from collections.abc import Callable

from tests.directory.access.conftest import Town, resource, town
from tests.directory.access.test_commands import run
from tests.directory.supervision.test_supervision import late

__all__ = ["late", "resource", "run", "town"]
Run = Callable[..., tuple[int, str, str]]


def test_what_is_late_is_listed_with_its_situation_and_urged_on_record(town: Town, late: str, run: Run) -> None:
    status, out, err = run("reviewer", "request", "supervise", "--light", "red")
    assert status == 0, err
    assert out.startswith("示例市公安局\t超期 1\t过半 0\t正常 0\t今年办结 "), out
    [line] = [each for each in out.splitlines() if late in each]
    assert all(words in line for words in ("示例市公安局", "户籍人口基本信息", "超期 ", "个工作日，情形 P4")), line
    assert "已督办" not in line
    assert late not in run("reviewer", "request", "supervise", "--light", "green")[1]
    assert late in run("lead", "request", "supervise", "--org", town.orgs["provider"])[1]
    assert run("own_lead", "request", "supervise")[1:] == ("", "没有在计时的事项\n")
    for who, arguments, code in (
        ("reviewer", ("move", "urged", late), "COMMENT_REQUIRED"),
        ("lead", ("move", "urged", late, "-m", "快办"), "FORBIDDEN"),
        ("clerk", ("supervise",), "FORBIDDEN"),
        ("reviewer", ("supervise", "--after", "x"), "CURSOR_INVALID"),
    ):
        status, _, err = run(who, "request", *arguments)
        assert (status, code in err) == (1, True), err
    assert run("reviewer", "request", "supervise", "--light", "purple")[0] == 2
    urged = run("reviewer", "request", "move", "urged", late, "-m", "已超期，请于三日内答复")
    assert urged[:2] == (0, f"{late}\t已督办\n"), urged[2]
    assert "督办\t已超期，请于三日内答复" in run("lead", "request", "show", late)[1]
    [item] = json.loads(run("reviewer", "request", "supervise", "--json")[1])["items"]
    assert (item["id"], item["urged"], item["state"]) == (late, 1, "submitted")
    assert "\t已督办 1 次\n" in run("reviewer", "request", "supervise")[1]
