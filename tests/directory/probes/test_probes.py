"""Probes: a node learns its mounts, says what it saw of them, and the newest word of each counts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from directory.probes.queries import latest_of, latest_probes
from directory.roles import Role
from metadata.probe import Mismatch, Probe, ProbeTaskPage

NOW = datetime.now(UTC).replace(microsecond=0)
COLUMNS = [{"field": "uscc", "column": "tyshxydm", "sql_type": "character varying(18)"}]


@dataclass(frozen=True)
class Mounted:
    """A node and an entry of its department with a table mount at it."""

    node: Any
    ref: str

    def probe(self, mount_id: str = "m1", **changes: Any) -> dict[str, Any]:
        values = {
            "resource_id": self.ref,
            "mount_id": mount_id,
            "node_id": self.node.name,
            "kind": "table",
            "probed_at": NOW,
            "is_reachable": True,
            "is_matching": True,
            "row_count": 12,
        }
        return Probe.model_validate(values | changes).model_dump(mode="json")

    def post(self, *probes: dict[str, Any], to: str = "") -> Any:
        return self.node.call("POST", f"/api/v1/nodes/{to or self.node.name}/probes", list(probes))


@pytest.fixture(scope="module")
def mounted(city: Any, new_node: Callable[..., Any]) -> Callable[..., Mounted]:
    def make(name: str, *mount_ids: str) -> Mounted:
        node = new_node(name)
        editor = city.person(node.org_code, Role.EDITOR)
        record = {
            "title": f"企业基本信息{name}",
            "provider": {"name": editor.actor.org_name, "code": node.org_code},
            "items": [{"name": "统一社会信用代码", "field": "uscc"}],
            "mounts": [
                {"mount_id": each, "node": name, "table": "qy", "columns": COLUMNS} for each in mount_ids or ("m1",)
            ]
            + [{"mount_id": "elsewhere", "node": "somewhere", "table": "qy"}],
        }
        answer = editor.client.post("/api/v1/resources", json=record)
        assert answer.status_code == 201, answer.text
        return Mounted(node, answer.json()["id"])

    return make


def test_a_node_is_told_its_own_mounts_only(mounted: Callable[..., Mounted]) -> None:
    here, there = mounted("probe_a"), mounted("probe_b")
    answer = here.node.call("GET", "/api/v1/nodes/probe_a/mounts")
    page = ProbeTaskPage.from_bytes(answer.content)
    assert [(str(task.resource_id), task.mount.mount_id) for task in page.tasks] == [(here.ref, "m1")]
    assert (page.tasks[0].items[0].name, page.next) == ("统一社会信用代码", None)
    after = here.node.call("GET", f"/api/v1/nodes/probe_a/mounts?after={here.ref}")
    assert ProbeTaskPage.from_bytes(after.content).tasks == ()
    assert there.node.call("GET", "/api/v1/nodes/probe_a/mounts").json()["code"] == "NOT_THIS_NODE"


def test_the_newest_probe_of_each_mount_counts(mounted: Callable[..., Mounted], session: Session) -> None:
    here = mounted("probe_c", "m1", "m2")
    gone = Mismatch(kind="missing", column="tyshxydm", declared="character varying(18)")
    old = here.probe(probed_at=NOW - timedelta(days=1), is_matching=False, mismatches=[gone])
    evening = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)  # already the next day in Shanghai
    new = here.probe(last_changed_at=evening, changed_by="commit_timestamp")
    other = here.probe("m2", is_reachable=False, is_matching=False, problem="SOURCE_DOWN", problem_zh="连不上")
    assert here.post(new, old, other).json() == {"accepted": 3}
    assert here.post(new, old, other).json() == {"accepted": 0}
    found = latest_probes(session)
    first, second = found[UUID(here.ref), "m1"], found[UUID(here.ref), "m2"]
    assert (first.is_matching, first.mismatches, first.row_count) == (True, (), 12)
    assert (first.last_changed_on, first.probed_at) == (date(2026, 3, 2), NOW)
    assert (second.is_reachable, second.problem, second.last_changed_on) == (False, "连不上", None)
    assert {mount_id: probe.is_reachable for mount_id, probe in latest_of(session, UUID(here.ref)).items()} == {
        "m1": True,
        "m2": False,
    }
    every = session.execute(
        text("SELECT DISTINCT ON (resource_id, mount_id) resource_id, mount_id FROM mount_probe")
    ).all()
    assert set(found) == {(row[0], row[1]) for row in every}


def test_the_entrys_page_shows_the_newest_probe_to_its_department(city: Any, mounted: Callable[..., Mounted]) -> None:
    here = mounted("probe_f")
    editor = city.person(here.node.org_code, Role.EDITOR)
    browser = city.browser(editor.actor.username)
    assert "尚未探测" in browser.get(f"/resources/{here.ref}").text
    gone = Mismatch(kind="missing", column="tyshxydm", declared="character varying(18)")
    probe = here.probe(is_matching=False, mismatches=[gone], last_changed_at=NOW, changed_by="statistics")
    assert here.post(probe).json() == {"accepted": 1}
    shown = browser.get(f"/resources/{here.ref}").text
    for words in ("与目录不一致", "缺少“tyshxydm”（目录声明为 character varying(18)）", "约 12 行", "据统计计数变化"):
        assert words in shown


def test_nobody_speaks_of_others_mounts(mounted: Callable[..., Mounted]) -> None:
    here, there = mounted("probe_d"), mounted("probe_e")
    for probe, code in [
        (here.probe(resource_id=there.ref), "MOUNT_NOT_OF_NODE"),
        (here.probe(resource_id=uuid4()), "MOUNT_NOT_OF_NODE"),
        (here.probe("elsewhere"), "MOUNT_NOT_OF_NODE"),
        (here.probe("m9"), "MOUNT_NOT_OF_NODE"),
        (here.probe(kind="file"), "MOUNT_NOT_OF_NODE"),
        (here.probe(node_id="probe_e"), "NOT_THIS_NODE"),
        (here.probe(probed_at=NOW + timedelta(hours=1)), "PROBE_FROM_FUTURE"),
    ]:
        answer = here.post(here.probe(), probe)
        assert answer.json()["code"] == code, probe
    assert here.post(here.probe(), to="probe_e").json()["code"] == "NOT_THIS_NODE"
    assert here.post(here.probe()).json() == {"accepted": 1}  # nothing of the refused posts was kept
    assert here.post({"no": "probe"}).json()["code"] == "INPUT_MALFORMED"


def test_probes_are_never_changed(session: Session) -> None:
    for statement in ("UPDATE mount_probe SET received_at = now()", "DELETE FROM mount_probe"):
        with pytest.raises(ProgrammingError), session.begin_nested():
            session.execute(text(statement))
