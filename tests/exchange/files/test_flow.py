"""A folder goes from node to node: twice, with changes, suspended, refused, killed at every point."""

import os
import unicodedata

import pytest

from exchange import failpoints, redrive, steps
from tests.exchange.files.test_unpack import entry, plain
from tests.sim.by_hand import seal_by_hand
from tests.sim.checker import SmallChecker
from tests.sim.folders import ONLY_FILES, FolderRoute, fill, folder_route, tree
from tests.sim.processes import die, frozen
from tests.sim.town import Town, execute

NFD = unicodedata.normalize("NFD", "é.txt")
FILES = {
    "说明.txt": "办事材料".encode(),
    "空文件": b"",
    "一/二/三/深.bin": bytes(range(256)) * 5000,
    "👪/𠀀.txt": b"1",
    "é.txt": b"NFC",
    NFD: b"NFD",
    "换\n行": b"2",
    "长" * 85: b"255 bytes",
    " 前后有空格 ": b"3",
    "空文件夹/": b"",
    "引号\"'\\": b"4",
}


def _same(route: FolderRoute) -> bool:
    return tree(route.received) == tree(route.served)


def test_twice_with_changes(town: Town) -> None:
    route = folder_route(town, FILES)
    seq = route.exchange()
    assert _same(route)
    assert len(tree(route.received)) == 15
    assert route.received.is_symlink()
    assert route.batch("renshe", seq).rows == 10
    assert route.batch("renshe", seq).changed_rows == route.batch("gongan", seq).changed_rows == 10

    (route.served / "空文件").unlink()
    (route.served / "说明.txt").write_bytes("改过".encode())
    (route.served / "一").rename(route.served / "壹")
    fill(route.served, {"新增/新.pdf": b"%PDF"})
    os.utime(route.served / "é.txt", ns=(1, -1_000_000_000))
    first = tree(route.received)
    seq = route.exchange()
    assert _same(route)
    assert tree(route.received) != first
    # gone: 空文件, 深.bin under its old name; other: 说明.txt; new: 深.bin, 新.pdf
    assert route.batch("gongan", seq).changed_rows == 5
    assert route.versions == [f"{route.route_id}-2"]
    assert route.findings() == []


def test_a_single_file_arrives_in_a_folder_of_its_own(town: Town) -> None:
    route = folder_route(town, {"名册.csv": b"a,b\n1,2\n"}, kind="file")
    route.exchange()
    assert [path.name for path in route.received.iterdir()] == ["名册.csv"]
    assert (route.received / "名册.csv").read_bytes() == b"a,b\n1,2\n"
    (route.town.homes["gongan"] / "served" / route.grant.path).write_bytes(b"")
    route.exchange()
    assert (route.received / "名册.csv").read_bytes() == b""


def test_the_old_version_stays_until_the_next_is_closed(town: Town) -> None:
    route = folder_route(town, {"a": b"1"})
    route.exchange()
    old = os.open(route.received, os.O_RDONLY)  # a reader that stays in what it has opened
    (route.served / "a").write_bytes(b"2")
    seq = route.send()
    route.arrive()
    _stop_at(route, seq, "applied")
    assert (route.received / "a").read_bytes() == b"2"
    descriptor = os.open("a", os.O_RDONLY, dir_fd=old)
    assert os.read(descriptor, 9) == b"1"
    os.close(descriptor)
    os.close(old)
    assert route.findings() == []
    route.require("renshe", seq, "closed")
    assert route.versions == [f"{route.route_id}-2"]


def test_suspended_between_staged_and_applied_shows_nothing(town: Town) -> None:
    route = folder_route(town, {"a": b"1"})
    route.exchange()
    (route.served / "a").write_bytes(b"2")
    seq = route.send()
    route.arrive()
    _stop_at(route, seq, "checked")
    town.directory.change(route.grant.grant_id, "suspended")
    route.pull("renshe")
    outcome = route.drive("renshe", seq)
    assert outcome.code == "GRANT_SUSPENDED"
    assert (route.received / "a").read_bytes() == b"1"
    town.directory.change(route.grant.grant_id, "active")
    route.pull("renshe")
    route.pull("gongan")
    route.require("renshe", seq, "closed")
    assert (route.received / "a").read_bytes() == b"2"


def _stop_at(route: FolderRoute, seq: int, state: str) -> None:
    with route.town.node("renshe") as node:
        while steps.step(node, route.route_id, seq, SmallChecker()).state != state:
            pass


def test_an_empty_folder_holds(town: Town) -> None:
    lonely = folder_route(town, {"空/": b""})
    assert lonely.drive("gongan", lonely.plan()).code == "QUALITY_FAILED"


def test_a_hostile_index_is_quarantined(town: Town) -> None:
    route = folder_route(town, {"a": b"1"})
    route.exchange()
    seq = route.plan()
    seal_by_hand(route, seq, plain([entry("../../逃出", b"1")], b"1"))
    assert route.drive("gongan", seq).state == "stored"
    route.arrive()
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("quarantined", "FILES_INDEX_BAD")
    assert tree(route.received) == tree(route.served)
    assert not list(town.homes["renshe"].rglob("逃出"))
    assert route.versions == [f"{route.route_id}-1"]
    assert route.drive("gongan", seq).state == "quarantined"


def test_altered_after_unpacking_is_unpacked_again(town: Town) -> None:
    route = folder_route(town, {"a": b"1"})
    seq = route.send()
    route.arrive()
    _stop_at(route, seq, "staged")
    with town.node("renshe") as node:
        (node.received.version(route.route_id, seq).files / "a").write_bytes(b"2")
    outcome = route.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("held", "RECEIVED_ALTERED")
    with town.node("renshe") as node:
        redrive.redrive(node, route.route_id, seq, "王处长")
    route.require("renshe", seq, "closed")
    assert _same(route)
    with town.node("renshe") as node:
        (node.received.version(route.route_id, seq).files / "a").write_bytes(b"2")
        (node.received.folder / ".hutong" / f"{route.route_id}-9").mkdir()
    assert sorted(finding.rule for finding in route.findings()) == ["fsck.I2", "fsck.I8"]


POINTS = [
    "seal.indexed",
    "stage.unpacked",
    "apply.merged",
    "apply.decided",
    "apply.shown",
    "reply.before_commit",
]


def test_every_point_that_only_files_reach_is_here() -> None:
    assert ONLY_FILES <= set(POINTS) <= failpoints.POINTS


@pytest.mark.parametrize("point", POINTS)
def test_killed_and_started_again(town: Town, route: FolderRoute, point: str) -> None:
    """One route for all of them: each is killed on its way to the next version."""
    (route.served / "a").write_bytes(point.encode())
    fill(route.served, {f"{point}/新": b"1"})
    before = tree(route.received)
    name = "gongan" if point.startswith("seal.") else "renshe"
    seq = route.plan() if name == "gongan" else route.send()
    route.arrive()
    die(town, name, point, "drive", route.route_id, str(seq))
    if point not in ("apply.shown", "reply.before_commit"):
        assert tree(route.received) == before
    if point == "apply.decided":
        assert route.batch("renshe", seq).state == "checked"
    assert route.drive("gongan", seq).state in ("stored", "closed")
    route.arrive()
    route.require("renshe", seq, "closed")
    route.require("gongan", seq, "closed")
    assert _same(route)
    assert route.versions == [f"{route.route_id}-{seq}"]
    assert route.findings() == []


@pytest.fixture(scope="module")
def route(town: Town) -> FolderRoute:
    made = folder_route(town, {"a": b"0", "b/c": b"stays"})
    made.exchange()
    return made


def test_a_worker_that_was_frozen_shows_nothing_old(town: Town) -> None:
    route = folder_route(town, {"a": b"1"})
    route.exchange()
    (route.served / "a").write_bytes(b"2")
    seq = route.send()
    route.arrive()
    with frozen(town, "renshe", "apply.decided", "drive", route.route_id, str(seq)) as thaw:
        execute(
            town.databases["renshe"],
            "UPDATE batch SET leased_at = leased_at - interval '2 hours' WHERE route_id = %s AND seq = %s",
            (route.route_id, seq),
        )
        route.require("renshe", seq, "closed")
        route.require("gongan", seq, "closed")
        (route.served / "a").write_bytes(b"3")
        route.exchange()
        said = thaw()
    assert said.startswith("closed")
    assert _same(route)
    assert route.versions == [f"{route.route_id}-{seq + 1}"]
    assert route.findings() == []
