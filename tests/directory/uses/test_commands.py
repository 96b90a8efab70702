"""Use records and the report of unused grants on the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.directory.access.conftest import Town
from tests.directory.access.test_commands import run

__all__ = ["run"]
Run = Callable[..., tuple[int, str, str]]


def test_from_a_gap_to_a_record_and_a_correction(
    town: Town, resource: str, in_use: Any, run: Run, tmp_path: Path
) -> None:
    request_id = in_use(resource)
    assert request_id in run("clerk", "use", "asked")[1]
    assert "缺 1 次" in run("lead", "use", "list", "--gaps")[1]
    file = tmp_path / "use.json"
    said = {
        "occasion": "first_delivery",
        "scenario": "核验",
        "process": "比对",
        "storage": "专用库",
        "items_used": ["xm"],
    }
    file.write_text(json.dumps(said), "utf-8")
    status, out, err = run("clerk", "use", "record", request_id, file)
    assert status == 0, err
    assert all(word in out for word in ("第 1 号 首批数据到达", "存储情况：专用库", "已记"))
    file.write_text(json.dumps(said | {"corrects": 1, "correction": "补充", "effect": "少交证明"}), "utf-8")
    assert json.loads(run("clerk", "use", "record", request_id, file, "--json")[1])["records"][1]["corrects"] == 1
    assert "已由第 2 号更正" in run("reviewer", "use", "show", request_id)[1]
    status, _, err = run("lead", "use", "record", request_id, file)
    assert (status, "FORBIDDEN" in err) == (1, True)
    table = tmp_path / "uses.csv"
    assert run("lead", "use", "list", "--out", table)[0] == 0
    assert "少交证明" in table.read_text("utf-8-sig")
    assert "没用到：公民身份号码、" in run("lead", "use", "unused", "--out", tmp_path / "unused.xlsx")[1]
    assert (tmp_path / "unused.xlsx").read_bytes().startswith(b"PK")
    assert json.loads(run("", "use", "unused", "--days", "3", "--json")[1])["days"] == 3
    status, _, err = run("lead", "use", "list", "--out", tmp_path / "uses.docx")
    assert (status, "ARGUMENT_BAD" in err) == (1, True)
    assert "COMMENT_REQUIRED" in run("lead", "use", "propose", request_id)[2]
    status, out, err = run("lead", "use", "propose", request_id, "-m", "没有用起来", "--json")
    assert (status, json.loads(out or "{}").get("request_id")) == (0, request_id), err
    assert "收到通知" in "".join(run("lead", "use", "propose", request_id, "-m", "再提一次")[1:])
