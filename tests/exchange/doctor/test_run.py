"""The doctor on a town that is well, on one where everything is down, and on data that must never be shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from exchange.doctor.line import Line, graded
from exchange.doctor.run import examine
from exchange.node import SETTINGS_FILE
from exchange.settings import NodeSettings
from tests.sim.folders import folder_route
from tests.sim.town import Route, Town

WELL = ("目录", "目录时钟", "中继", "中继时钟", "台账库", "台账库结构", "部门库编码", "部门库结构", "目录登记")
CANARY = "金丝雀"
ROWS = [
    ("99000000000000001X", f"{CANARY}\ue863", "990000", "1.00", "2026-01-01T00:00:00Z"),
    ("990000000000000021", f"{CANARY}\ufffd", "990000", "1.00", "2026-01-01T00:00:00Z"),
    ("990000000000000022", f"{CANARY}?", "990000", "1.00", "2026-01-01T00:00:00Z"),
    ("990000000000000023", f"{CANARY}𠮷", "990000", "1.00", "2026-01-01T00:00:00Z"),
]


def looked(town: Town, name: str, **more: Any) -> list[Line]:
    with town.node(name, **more) as node:
        return list(examine(node))


@contextmanager
def changed(town: Town, **settings: str) -> Iterator[None]:
    """The provider's node.toml, for a while."""
    path = town.homes["gongan"] / SETTINGS_FILE
    before = NodeSettings.read(path)
    before.model_copy(update=settings).write(path)
    try:
        yield
    finally:
        before.write(path)


def about(lines: list[Line], route: Route) -> dict[str, Line]:
    """Those that name the route, its table or its target."""
    names = (route.route_id, route.grant.target_table, route.grant.table or route.grant.path)
    return {line.name: line for line in lines if any(part in line.name for part in names)}


def told(lines: list[Line], name: str) -> Line:
    (found,) = [line for line in lines if line.name == name]
    return found


def test_a_town_that_is_well(town: Town) -> None:
    route, folder = town.route(), folder_route(town, {"a": b"1"})
    route.exchange()
    folder.exchange()
    for name in ("gongan", "renshe"):
        lines = looked(town, name)
        assert [line for line in about(lines, route).values() if line.light != "ok"] == []
        assert [line for line in about(lines, folder).values() if line.light != "ok"] == []
        for part in (
            "目录",
            "目录时钟",
            "中继",
            "中继时钟",
            "台账库",
            "台账库结构",
            "部门库编码",
            "部门库结构",
            "目录登记",
        ):
            assert told(lines, part).light == "ok", told(lines, part)
        assert all(line.next_step for line in lines if line.light != "ok")
        assert all("\n" not in line.zh for line in lines)
    assert f"源表 public.{route.source}" in about(looked(town, "gongan"), route)
    assert f"收到的 {folder.grant.target_table}" in about(looked(town, "renshe"), folder)


def test_everything_down(town: Town) -> None:
    nowhere = "postgresql+psycopg2://nobody:geheim@127.0.0.1:9/none"
    peers = {"directory_url": "http://127.0.0.1:9", "relay_url": "https://127.0.0.1:9"}
    with changed(town, **peers, database_url=nowhere, department_url=nowhere, served_folder="/nowhere"):
        lines = looked(town, "gongan")
    assert {line.name for line in lines if line.light == "bad"} >= {
        "共享文件夹",
        "目录",
        "中继",
        "台账库",
        "部门库",
        "目录登记",
        "权限",
        "批次",
        "审计",
        "文字",
    }
    assert all(line.next_step for line in lines if line.light == "bad")
    assert "geheim" not in "".join(line.zh + line.next_step for line in lines)


def test_rare_characters_are_counted_and_no_value_is_shown(town: Town) -> None:
    route = town.route(ROWS)
    lines = looked(town, "gongan")
    mine = [line for line in lines if line.name == f"文字 public.{route.source}.name"]
    assert {line.zh.split("：")[0] for line in mine} == {
        "自造字区（PUA）字符",
        "替换符 U+FFFD",
        "连续问号，或汉字旁的半角问号",
        "扩展 B 区及以后的汉字（四字节）",
    }
    assert all(line.zh.endswith("抽 4 个值，1 个有") for line in mine)
    whole = "".join(line.name + line.zh + line.next_step for line in lines)
    assert CANARY not in whole
    assert "9900000000" not in whole


def test_rights_that_were_taken(town: Town) -> None:
    route = town.route()
    town.run("gongan", f"REVOKE ALL ON {route.source} FROM CURRENT_USER")
    town.run("gongan", f"GRANT SELECT (id_no) ON {route.source} TO CURRENT_USER")
    lines = looked(town, "gongan")
    line = told(lines, f"源表 public.{route.source}")
    assert told(lines, f"文字 public.{route.source}").zh.endswith("（SQLSTATE 42501）")
    assert line.light == "bad"
    assert "name" in line.zh
    assert "id_no" not in line.zh
    town.run("gongan", f"ALTER TABLE {route.source} RENAME COLUMN name TO renamed")
    line = told(looked(town, "gongan"), f"源表 public.{route.source}")
    assert (line.light, "name" in line.zh) == ("bad", True)
    town.run("gongan", f"DROP TABLE {route.source}")
    assert told(looked(town, "gongan"), f"源表 public.{route.source}").zh == "不存在"

    arrived = town.route()
    arrived.exchange()
    town.run("renshe", f"REVOKE DELETE ON shared.{arrived.grant.target_table} FROM CURRENT_USER")
    line = told(looked(town, "renshe"), f"目标表 shared.{arrived.grant.target_table}")
    assert (line.light, "DELETE" in line.next_step) == ("bad", True)
    town.run("renshe", f"GRANT DELETE ON shared.{arrived.grant.target_table} TO CURRENT_USER")


def test_what_has_stopped_and_what_holds_others_up(town: Town) -> None:
    route = folder_route(town, {"空/": b""})
    seq = route.plan()
    route.drive("gongan", seq)
    lines = looked(town, "gongan")
    batch = told(lines, f"批次 {route.route_id}/{seq}")
    assert batch.light == "bad"
    assert batch.zh.startswith("暂候：QUALITY_FAILED")
    assert batch.next_step
    assert told(lines, f"挂接 {route.grant.path}").light == "bad"
    assert told(lines, "部门库长事务").light == "ok"
    town.run(
        "gongan",
        "INSERT INTO hutong.audit_out (event_id, body, created_at) VALUES ('doctor', '', now() - interval '1 hour')",
    )
    assert told(looked(town, "gongan"), "部门库审计").light == "bad"
    town.run("gongan", "DELETE FROM hutong.audit_out WHERE event_id = 'doctor'")
    assert [graded("x", amount, 1, 2, "", "s").light for amount in (0.5, 1, 2)] == ["ok", "note", "bad"]
