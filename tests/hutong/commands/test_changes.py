"""``hutong node changes`` on a node's own machine."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hutong.cli import main
from tests.sim.town import built


def test_install_status_remove(
    tmp_path: Path,
    new_database: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with built(tmp_path / "town", new_database) as town:
        (tmp_path / "home" / "nodes").mkdir(parents=True)
        (tmp_path / "home" / "nodes" / "gongan").symlink_to(town.homes["gongan"])
        monkeypatch.setenv("HUTONG_HOME", str(tmp_path / "home"))
        town.run("gongan", "CREATE TABLE cars (plate text PRIMARY KEY, owner text)")

        def run(*words: str) -> str:
            with pytest.raises(SystemExit) as ended:
                main(["node", "changes", *words])
            assert ended.value.code == 0
            return capsys.readouterr().out

        assert "没有变动登记" in run("status", "cars")
        with pytest.raises(SystemExit) as ended:
            main(["node", "changes", "install", "public.nosuch"])
        assert (ended.value.code, "MOUNT_GONE" in capsys.readouterr().err) == (1, True)
        printed = run("install", "public.cars", "--print")
        assert "CREATE TRIGGER hutong_changes AFTER INSERT OR UPDATE OR DELETE" in printed
        assert "没有变动登记" in run("status", "cars")
        town.run("gongan", printed)  # as an administrator would
        town.run("gongan", "INSERT INTO cars VALUES ('京A00000', '某人')")
        found = json.loads(run("status", "cars", "--json"))
        assert found == {"installed": True, "key": ["plate"], "entries": 1, "kept_from": 0, "is_whole": True}
        town.run("gongan", "ALTER TABLE cars DISABLE TRIGGER hutong_truncated")
        assert "触发器被停用" in run("status", "cars")
        assert "已拆去" in run("remove", "cars")
        assert json.loads(run("install", "cars", "--key", "owner", "--json"))["applied"] is True
        assert "按 owner 登记，完好" in run("status", "cars")
