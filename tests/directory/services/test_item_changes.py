"""A new version that touches items in use is told to whoever uses them, line by line, until they take note; one that
changes what arrives is published only when the change was announced, negotiated and filed (Art. 27).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from directory.errors import DirectoryError
from directory.resources.decide import move
from directory.resources.edit import assess, edit
from directory.resources.queries import find, version_record
from directory.services import announce as verbs
from tests.directory.access.conftest import ITEMS, TODAY, Town, conditional_sharing, mount_of, refused

STEPS = (("head", "head_approved"), ("editor", "submitted"), ("reviewer", "reviewed"))


def announced(town: Town, ref: str, ago: int = 10) -> None:
    """A change of the service announced so many days ago, filed when the term to answer was over; two days ago it was
    to take effect.
    """
    now = datetime.now(UTC)
    with town.city.app.state.sessions.begin() as session:
        lead, approver = town.people["lead"].actor, town.people["approver"].actor
        days = (TODAY - timedelta(days=5), TODAY - timedelta(days=2))
        notice = verbs.announce(session, lead, ref, "change", "换了系统", *days, now - timedelta(days=ago))
        verbs.file(session, approver, notice.id, "期满未答复", now - timedelta(days=4))


def publish_again(town: Town, ref: str, **changes: Any) -> None:
    """A new version, assessed and published as the first one was."""
    _submit_again(town, ref, **changes)
    town.move("approver", ref, "published")


def _submit_again(town: Town, ref: str, **changes: Any) -> None:
    now, editor = datetime.now(UTC), town.people["editor"].actor
    with town.city.app.state.sessions.begin() as session:
        entry = find(session, editor, ref)
        record = version_record(session, editor, entry, entry.current_version)
        edit(session, editor, ref, record.model_copy(update=changes), entry.current_version, now)
        for kind in ("secrecy", "personal_information"):
            words: dict[str, Any] = {"conclusion": "风险可控", "assessed_on": TODAY, "is_passed": True}
            assess(session, editor, ref, kind=kind, now=now, **words)
    for who, to in STEPS:
        town.move(who, ref, to)


@pytest.fixture(scope="module")
def told(town: Town, in_use: Callable[..., str]) -> tuple[str, str, str]:
    """An entry, a request that uses the changed item, and one that does not."""
    entry = town.publish("婚姻登记信息", conditional_sharing())
    mine, other = in_use(entry), in_use(entry, items=["sfzhm"])
    shorter = tuple(item.model_copy(update={"length": 20}) if item.field == "xm" else item for item in ITEMS)
    announced(town, entry)
    publish_again(town, entry, items=shorter)
    return entry, mine, other


def _changes(town: Town, who: str, **query: Any) -> list[dict[str, Any]]:
    return list(town.people[who].client.get("/api/v1/item-changes", params=query).json())


def test_only_whoever_uses_the_item_is_told(town: Town, told: tuple[str, str, str]) -> None:
    entry, mine, other = told
    [change] = _changes(town, "clerk", request=mine)
    assert (change["resource_id"], change["from_version"] < change["version"], change["is_noted"]) == (
        entry,
        True,
        False,
    )
    assert change["lines"] == [
        {
            "path": "items[xm].length",
            "label": "数据项“姓名”的长度",
            "kind": "changed",
            "before": "50",
            "after": "20",
        }
    ]
    assert _changes(town, "clerk", request=other) == []
    assert mine in [each["request_id"] for each in _changes(town, "lead")]
    assert mine in [each["request_id"] for each in _changes(town, "auditor")]
    assert _changes(town, "outside_lead") == []
    notices = town.people["clerk"].client.get("/api/v1/notices").json()["items"]
    assert any("婚姻登记信息" in each["zh"] and "1 处变化" in each["zh"] for each in notices)


def test_they_take_note_once(town: Town, told: tuple[str, str, str]) -> None:
    _, mine, other = told
    clerk = town.people["clerk"].client
    version = _changes(town, "clerk", request=mine)[0]["version"]
    at = f"/api/v1/item-changes/{mine}/{version}/note"
    page = town.city.browser(town.people["own_lead"].actor.username)
    assert f"/requests/{mine}#changed-items" in page.get("/").text
    assert "数据项“姓名”的长度" in page.get(f"/requests/{mine}").text
    assert "数据项“姓名”的长度" in page.get("/services").text
    assert refused(town.people["lead"].client.post(at), 404, "ITEM_CHANGE_NOT_FOUND")
    assert refused(town.people["outside_lead"].client.post(at), 404, "ITEM_CHANGE_NOT_FOUND")
    assert refused(clerk.post(at.replace(mine, other)), 404, "ITEM_CHANGE_NOT_FOUND")
    noted = page.send(f"/requests/{mine}", f"/services/item-changes/{mine}", version=version)
    assert noted.status_code == 303, noted.text
    assert refused(clerk.post(at), 409, "ITEM_CHANGE_NOTED")
    assert (_changes(town, "clerk", request=mine)[0]["is_noted"], _changes(town, "clerk", noted=False)) == (True, [])
    assert f"/requests/{mine}#changed-items" not in page.get("/").text


def test_each_version_is_compared_with_the_one_told_before(town: Town, told: tuple[str, str, str]) -> None:
    entry, mine, other = told
    publish_again(town, entry, abstract="说明改了，数据项没有变")
    assert len(_changes(town, "clerk", request=mine)) == 1
    shorter = tuple(item.model_copy(update={"length": 20}) if item.field == "xm" else item for item in ITEMS[:-1])
    _submit_again(town, entry, items=shorter, mounts=(mount_of("ren_kou", "sfzhm", "xm", "xzqhdm"),))
    with pytest.raises(DirectoryError, match="SERVICE_CHANGE_UNFILED"):  # what was filed has been published
        town.move("approver", entry, "published")
    with town.city.app.state.sessions.begin() as session:
        lead, approver = town.people["lead"].actor, town.people["approver"].actor
        tomorrow = TODAY + timedelta(days=1)
        filed = verbs.announce(session, lead, entry, "change", "停供登记日期", tomorrow, tomorrow, datetime.now(UTC))
        later = datetime.now(UTC) + timedelta(days=2)
        verbs.file(session, approver, filed.id, "期满未答复", later)
    with pytest.raises(DirectoryError, match="SERVICE_CHANGE_UNFILED"):  # its day is tomorrow
        town.move("approver", entry, "published")
    with town.city.app.state.sessions.begin() as session:
        move(session, approver, entry, "published", "", later)
    newest = _changes(town, "clerk", request=mine)[0]
    assert [(line["path"], line["kind"]) for line in newest["lines"]] == [
        ("items[djrq]", "removed"),
        ("mounts[m-ren_kou].columns[djrq]", "removed"),
    ]
    assert _changes(town, "clerk", request=other) == []


def test_a_service_in_use_is_not_changed_by_publishing_alone(town: Town, in_use: Callable[..., str]) -> None:
    entry = town.publish("车辆登记信息", conditional_sharing())
    longer = tuple(item.model_copy(update={"length": 60}) if item.field == "xm" else item for item in ITEMS)
    publish_again(town, entry, items=longer)  # nobody uses it yet
    in_use(entry, items=["xm"])
    publish_again(town, entry, items=longer[:-1], mounts=(mount_of("ren_kou", "sfzhm", "xm", "xzqhdm"),))
    _submit_again(town, entry, items=ITEMS)
    with pytest.raises(DirectoryError, match="SERVICE_CHANGE_UNFILED") as refusal:
        town.move("approver", entry, "published")
    assert "1 项在用的服务" in str(refusal.value)
    announced(town, entry)
    town.move("approver", entry, "published")
