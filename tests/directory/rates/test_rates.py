"""The rates by API and page: probes in, numbers out, every number's link leading to exactly its entries."""

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from directory.roles import Role
from metadata.probe import Mismatch, Probe
from tests.directory.resources.conftest import Department

_numbers = itertools.count(1)
ITEMS = [{"name": "统一社会信用代码", "field": "uscc", "length": 18, "is_key": True}]


@dataclass(frozen=True)
class Scene:
    """A department with a node and entries of each standing; ids by title."""

    department: Department
    node: Any
    ids: dict[str, str]

    def probe(self, title: str, **changes: Any) -> None:
        values = {
            "resource_id": self.ids[title],
            "mount_id": "m1",
            "node_id": self.node.name,
            "kind": "table",
            "probed_at": datetime.now(UTC).replace(microsecond=0),
            "is_reachable": True,
            "is_matching": True,
            "last_changed_at": datetime.now(UTC).replace(microsecond=0),
            "changed_by": "commit_timestamp",
        }
        probe = Probe.model_validate(values | changes).model_dump(mode="json")
        answer = self.node.call("POST", f"/api/v1/nodes/{self.node.name}/probes", [probe])
        assert answer.status_code == 200, answer.text


@pytest.fixture
def scene(city: Any, new_node: Callable[..., Any], publish: Any, office: Any) -> Scene:
    node = new_node(f"rates{next(_numbers)}")
    code = node.org_code
    department = Department(
        code,
        editor=city.person(code, Role.EDITOR),
        colleague=city.person(code, Role.EDITOR),
        head=city.person(code, Role.DEPARTMENT_HEAD),
    )
    mount = {
        "mount_id": "m1",
        "node": node.name,
        "table": "qy",
        "columns": [{"field": "uscc", "column": "uscc", "sql_type": "text"}],
    }
    made = {}
    for title, changes in {
        "有效": {"mounts": [mount]},
        "未挂接": {},
        "未检测": {"mounts": [mount]},
        "连不上": {"mounts": [mount]},
        "结构不符": {"mounts": [mount]},
        "未更新": {"mounts": [mount]},
        "不定期": {"mounts": [mount], "update_cycle": "irregular"},
        "不予共享": {
            "sharing": {
                "share_type": "none",
                "legal_basis": [{"title": "某法", "article": "第一条"}],
                "refusal_reasons": ["法律规定"],
            }
        },
        "未发布": {"mounts": [mount]},
    }.items():
        made[title] = department.register(**{"title": title, "items": ITEMS} | changes)["id"]
        if title != "未发布":
            publish(department, made[title])
    scene = Scene(department, node, made)
    now = datetime.now(UTC).replace(microsecond=0)
    for title in ("有效", "不定期"):
        scene.probe(title)
    missing = Mismatch(kind="missing", column="uscc", declared="text")
    scene.probe("结构不符", is_matching=False, mismatches=[missing])
    down = {"is_matching": False, "problem": "SOURCE_DOWN", "problem_zh": "库连不上", "last_changed_at": None}
    scene.probe("连不上", is_reachable=False, changed_by=None, **down)
    scene.probe("未更新", last_changed_at=now - timedelta(days=30))
    return scene


def test_each_number_counts_exactly_the_entries_of_its_list(scene: Scene) -> None:
    client, at = scene.department.editor.client, f"/api/v1/rates/{scene.department.code}"
    shown = client.get(at).json()
    assert shown["rates"] == {
        "counted": 7,
        "mounted": 6,
        "effective": 3,
        "unprobed": 1,
        "cycled": 6,
        "timely": 2,
        "mount_rate": 85.7,
        "effective_rate": 42.8,
        "timely_rate": 33.3,
    }
    assert shown["published"] == 8
    for name in ("counted", "mounted", "effective", "unprobed", "cycled", "timely"):
        of = client.get(at, params={"show": name}).json()
        assert of["total"] == len(of["entries"]) == shown["rates"][name]
    effective = client.get(at, params={"show": "effective"}).json()["entries"]
    assert {each["title"] for each in effective} == {"有效", "未更新", "不定期"}
    dragging = {each["title"]: each for each in shown["entries"]}
    assert set(dragging) == {"未挂接", "未检测", "连不上", "结构不符", "未更新"}
    assert shown["entries"][0]["title"] == "未挂接", "the worst first"
    assert [each["code"] for each in dragging["结构不符"]["reasons"]] == ["MISMATCHED"]
    assert dragging["结构不符"]["reasons"][0]["detail"] == "缺少“uscc”（目录声明为 text）"
    assert dragging["未更新"]["is_timely"] is False
    line = next(
        each for each in client.get("/api/v1/rates").json()["departments"] if each["org_code"] == scene.department.code
    )
    assert line["rates"] == shown["rates"]
    assert line["score"] == shown["score"]


def test_everybody_sees_the_rates_but_not_the_inside_of_others_tables(scene: Scene, department: Any) -> None:
    client = department.editor.client
    shown = client.get(f"/api/v1/rates/{scene.department.code}").json()
    assert shown["rates"]["counted"] == 7
    assert {reason["detail"] for each in shown["entries"] for reason in each["reasons"]} == {""}
    assert "未发布" not in {each["title"] for each in shown["entries"]}
    refused = client.get(f"/api/v1/rates/{scene.department.code}", params={"show": "x"})
    assert (refused.status_code, refused.json()["code"]) == (422, "RATE_SET_UNKNOWN")
    assert client.get("/api/v1/rates/nobody").json()["code"] == "ORGANISATION_UNKNOWN"


def test_a_suspended_entry_is_counted_no_more(scene: Scene, office: Any, move: Callable[..., Any]) -> None:
    client, at = scene.department.editor.client, f"/api/v1/rates/{scene.department.code}"
    move(office.approver, scene.ids["未检测"], "suspended", "数据有误")
    shown = client.get(at).json()
    assert (shown["rates"]["counted"], shown["rates"]["unprobed"], shown["published"]) == (6, 0, 7)
    assert "未检测" not in {each["title"] for each in shown["entries"]}


def test_the_pages_numbers_lead_to_their_rows_and_the_owner_to_the_form(
    scene: Scene, city: Any, read: Callable[[str], Any]
) -> None:
    browser = city.browser(scene.department.editor.actor.username)
    overview = browser.get("/rates")
    assert overview.status_code == 200
    at = f"/rates/{scene.department.code}"
    links = [each for each in read(overview.text).links() if each.startswith(at + "?show=")]
    assert len(links) == 7
    for link in links:
        answer = browser.get(link)
        assert answer.status_code == 200
        told = re.search(r"共 (\d+) 条</span></nav>", answer.text)
        listed = len(re.findall(r'<th scope="row"><a href="/resources/', answer.text))
        assert int(told[1] if told else 0) == listed
        number = re.search(re.escape(f'<a href="{link}">') + r"(\d+)</a>", overview.text)
        assert number
        assert int(number[1]) == listed
    for name in ("mounted", "effective", "timely", "unprobed"):
        assert f'href="/rates/all?show={name}"' in overview.text
        together = scene.department.editor.client.get("/api/v1/rates/all", params={"show": name}).json()
        assert together["total"] == together["rates"][name]
        assert f"共 {together['total']} 条</span></nav>" in browser.get(f"/rates/all?show={name}").text
    page = browser.get(at).text
    assert "没有挂接库表、文件或接口" in page
    assert f"/resources/{scene.ids['未挂接']}/edit" in page
    assert "缺少“uscc”" in page
    stranger = city.browser(city.person(city.organisation(), Role.REQUESTER).actor.username)
    other = stranger.get(at).text
    assert "/edit" not in other
    assert "缺少“uscc”" not in other


def test_a_score_is_told_with_its_reasons(scene: Scene, department: Any, city: Any) -> None:
    ref = scene.ids["有效"]
    shown = scene.department.editor.client.get(f"/api/v1/resources/{ref}/score").json()
    possible = sum(each["possible"] for each in shown["checks"])
    assert shown["total"] == sum(each["got"] for each in shown["checks"]) * 100 // possible
    assert 0 < shown["total"] < 100
    hidden = department.editor.client.get(f"/api/v1/resources/{scene.ids['未发布']}/score")
    assert hidden.status_code == 404
    page = city.browser(department.editor.actor.username).get(f"/resources/{ref}").text
    assert f'<span class="count">{shown["total"]} 分</span>' in page
    assert "写明数据从哪天开始" in page
