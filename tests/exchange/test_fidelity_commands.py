"""``hutong exchange fidelity`` and ``hutong node carriage`` over a real node."""

import json
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from hutong.cli import main
from tests.exchange.reconcile.steps import reconcile
from tests.sim.people import people
from tests.sim.town import Town

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("HUTONG_HOME", str(tmp_path))
    (tmp_path / "nodes").mkdir()
    (tmp_path / "nodes" / "gongan").symlink_to(town.homes["gongan"])

    def call(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return call


def test_a_certificate_is_shown_column_by_column(town: Town, run: Run) -> None:
    route = town.route(people(3))
    route.exchange()
    code, said, _ = run("exchange", "fidelity", route.route_id)
    assert (code, said) == (0, f"{route.route_id}\t第 1 版\t尚无证书：还没有一次两端一致的非空对账\n")
    reconcile(route)
    code, said, _ = run("exchange", "fidelity", route.route_id)
    assert code == 0
    assert f"{route.grant.resource_identifier} 第 1 版" in said
    assert "3 行两端逐值一致" in said
    assert "  ✓ amount → je\tnumeric(12,2)\t二进制（COPY BINARY）\n" in said
    code, said, complaint = run("exchange", "fidelity", "--json")
    assert code == 0, complaint
    told = json.loads(said)
    (mine,) = [each for each in told["certificates"] if each["route_id"] == route.route_id]
    assert (mine["rows"], len(mine["columns"]), len(mine["proof"]["signatures"])) == (3, 5, 2)
    assert run("exchange", "fidelity", "r-none") == (0, "没有证书，也没有在等证书的路由；证书在提供部门的节点上\n", "")


def test_what_cannot_travel_is_told_before_a_grant(town: Town, run: Run) -> None:
    table = f"before_{uuid4().hex[:8]}"
    town.run("gongan", f"CREATE TABLE {table} (id integer, pay money, what inet, name varchar(20))")
    code, said, _ = run("node", "carriage", table)
    assert (code, said.splitlines()) == (
        1,
        [
            "✓ id\tinteger\t二进制（COPY BINARY）",
            "✗ pay\tmoney\t币种和小数位数随服务器的区域设置而变，请在视图中转为 text 或 numeric",
            "✓ what\tinet\t文本（COPY TEXT）",
            "✓ name\tcharacter varying(20)\t二进制（COPY BINARY）",
            "共 4 列，不能送 1 列；同批有一列走文本，则各列都走文本",
        ],
    )
    town.run("gongan", f"ALTER TABLE {table} DROP pay")
    assert run("node", "carriage", f"public.{table}")[0] == 0
    town.run("gongan", f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    code, told, err = run("node", "carriage", table, "--json")
    assert (code, json.loads(told)["trouble"]["code"]) == (1, "SOURCE_HIDDEN")
    assert "错误 SOURCE_HIDDEN：" in err
    code, said, err = run("node", "carriage", "没有的表")
    assert (code, said) == (1, "")
    assert "错误 MOUNT_GONE：" in err
