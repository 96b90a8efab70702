"""``hutong exchange status`` and ``redrive`` over a real node: what is shown is what moves it."""

import json
from pathlib import Path

import pytest

from exchange import redrive
from hutong.cli import main
from hutong.screens import COLUMNS, width
from tests.sim.town import Town


def test_a_held_batch_is_shown_and_moved_by_what_is_shown(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUTONG_HOME", str(tmp_path))
    (tmp_path / "nodes").mkdir()
    (tmp_path / "nodes" / "gongan").symlink_to(town.homes["gongan"])
    route = town.route()
    seq = route.plan()
    town.run("gongan", f"ALTER TABLE {route.source} RENAME COLUMN name TO n")
    assert route.drive("gongan", seq).state == "held"
    said = _run(capsys, "exchange", "status")
    mine = said[said.index(f"gongan  {route.route_id}/{seq}") :]
    assert "暂候（held）" in mine
    assert "SOURCE_DRIFT" in mine
    assert "下一步：" in mine
    assert all(width(line) <= COLUMNS for line in said.splitlines())
    (batch,) = [
        b
        for b in json.loads(_run(capsys, "exchange", "status", "--json"))["batches"]
        if b["route_id"] == route.route_id
    ]
    assert (batch["state"], batch["code"], batch["may_redrive"]) == ("held", "SOURCE_DRIFT", True)
    assert batch["explanation_zh"]
    assert batch["next_step"]
    town.run("gongan", f"ALTER TABLE {route.source} RENAME COLUMN n TO name")
    _run(capsys, "exchange", "redrive", route.route_id, str(seq), "--node", "gongan")
    assert not redrive.may_redrive(route.batch("gongan", seq))
    route.require("gongan", seq, "stored")


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code in (0, None)
    return capsys.readouterr().out
