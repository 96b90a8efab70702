"""``hutong exchange undo`` over a real node."""

import json
from pathlib import Path

import pytest

from hutong.cli import main
from tests.sim.town import Town


def test_it_asks_before_it_empties_and_says_what_comes_next(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUTONG_HOME", str(tmp_path))
    (tmp_path / "nodes").mkdir()
    (tmp_path / "nodes" / "renshe").symlink_to(town.homes["renshe"])
    route = town.route()
    seq = route.exchange()

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["exchange", *arguments])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    code, _, complaint = run("undo", route.route_id)
    assert code == 1
    assert "UNDO_FIRST_LOAD" in complaint
    assert "--empty" in complaint
    code, said, _ = run("undo", route.route_id, str(seq), "--empty", "--by", "运维甲")
    assert code == 0
    assert all(part in said for part in (f"{route.route_id}/{seq}", "held", "MERGE_UNDONE", "运维甲", "重投"))
    assert route.received_rows() == []
    code, _, complaint = run("undo", route.route_id, "--json")
    assert (code, "UNDO_ALREADY" in complaint) == (1, True)
    code, said, _ = run("redrive", route.route_id, str(seq), "--json")
    assert (code, json.loads(said)["seq"]) == (0, seq)
    assert route.batch("renshe", seq).state == "closed"
