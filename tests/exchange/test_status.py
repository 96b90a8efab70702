"""``hutong exchange status`` and ``redrive`` over a real node: what is shown is what moves it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from exchange import redrive
from hutong.cli import main
from hutong.commands.node import app
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


def test_a_batch_that_was_sealed_anew_leaves_the_list(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At either end: the provider has noted its successor, to the consumer the successor names it."""
    monkeypatch.setenv("HUTONG_HOME", str(tmp_path))
    (tmp_path / "nodes").mkdir()
    for name in ("gongan", "renshe"):
        (tmp_path / "nodes" / name).symlink_to(town.homes[name])
    route = town.route()
    seq = route.send()
    route.arrive()
    path = route.objects(seq)[0]
    sealed = path.read_bytes()
    path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    assert [route.drive(name, seq).state for name in ("renshe", "gongan")] == ["quarantined", "quarantined"]
    first = f"{route.route_id}/{seq}  "
    assert _run(capsys, "exchange", "status").count(first) == 2
    _run(capsys, "exchange", "redrive", route.route_id, str(seq), "--node", "gongan")
    assert _run(capsys, "exchange", "status").count(first) == 1  # to the consumer nothing has come in its place yet
    route.require("gongan", seq + 1, "stored")
    route.arrive()
    left = _run(capsys, "exchange", "status")
    assert (left.count(first), left.count(f"{route.route_id}/{seq + 1}  ")) == (0, 2)
    assert "常住人口基本信息：示例市公安局 → 示例市人社局" in left
    kept = _run(capsys, "exchange", "status", "--all", "--node", "renshe")
    assert f"第 {seq + 1} 批接替了它" in kept[kept.index(first) :]


def test_every_command_of_a_node_is_told_which_in_the_same_way(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--node`` wherever a node is meant, and the bare name where there is nothing else to name."""
    for name, command in _leaves(get_command(app)):
        options = {option for parameter in command.params for option in parameter.opts}
        assert ("--node" in options) == (name.split()[:2] not in _NO_NODE), name
    monkeypatch.setenv("HUTONG_HOME", str(tmp_path))
    (tmp_path / "nodes").mkdir()
    for name in ("gongan", "renshe"):
        (tmp_path / "nodes" / name).symlink_to(town.homes[name])
    both = (_run(capsys, "node", "keys", "renshe"), _run(capsys, "node", "keys", "--node", "renshe"))
    assert both[0] == both[1]
    assert "NODE_UNNAMED" in _refused(capsys, 1, "node", "keys")
    assert "gongan" in _refused(capsys, 2, "node", "keys", "gongan", "--node", "renshe")


_NO_NODE = (["init"], ["list"])


def _leaves(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _leaves(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def _refused(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> str:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == code
    return capsys.readouterr().err


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code in (0, None)
    return capsys.readouterr().out
