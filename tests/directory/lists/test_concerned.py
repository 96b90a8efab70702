"""Whoever asks for or uses what is listed, or what leaves the entry, is told, and the request's page shows it."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

from tests.directory.access.conftest import ITEMS, TO_ENDORSED, TO_SUBMITTED, TODAY, Town, conditional_sharing, mount_of
from tests.directory.lists.test_held_back import held
from tests.directory.services.test_item_changes import publish_again

__all__ = ["held"]

ASKED = ["sfzhm", "djrq"]


def told(town: Town, who: str, request_id: str) -> list[str]:
    found = town.people[who].client.get("/api/v1/notices").json()["items"]
    kinds = ("request:asked_listed", "request:used_listed", "request:items_gone")
    return [each["kind"] for each in found if each["kind"] in kinds and request_id in each["link"]]


def page(town: Town, who: str, request_id: str) -> str:
    return unescape(town.city.browser(town.people[who].actor.username).get(f"/requests/{request_id}").text)


def test_who_asks_for_what_is_listed_is_told(town: Town, resource: str, held: Any) -> None:
    draft = str(town.create(resource, items=ASKED)["id"])
    endorsed, sent = (town.bring_to(resource, *acts, items=ASKED) for acts in (TO_ENDORSED, TO_SUBMITTED))
    other = str(town.create(resource, items=["xm"])["id"])
    discarded = str(town.create(resource, items=ASKED)["id"])
    assert town.act("clerk", discarded, "discarded").status_code == 200
    held(covers="open")
    assert told(town, "clerk", draft) == []
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    held(since=tomorrow)
    for request_id in (draft, endorsed, sent):
        assert told(town, "clerk", request_id) == ["request:asked_listed"]
        assert told(town, "lead", request_id) == []
        assert all(words in page(town, "clerk", request_id) for words in ('id="negative"', "登记日期", tomorrow))
    for request_id in (other, discarded):
        assert told(town, "clerk", request_id) == []
        assert 'id="negative"' not in page(town, "clerk", request_id)


def test_whoever_uses_what_is_listed_is_told_and_so_is_its_provider(
    town: Town, resource: str, in_use: Callable[..., str], held: Any
) -> None:
    used, other = in_use(resource, items=ASKED), in_use(resource, items=["xm", "xzqhdm"])
    held(resource=resource, items=["djrq"], covers="share")
    for who in ("clerk", "own_lead", "lead"):
        assert told(town, who, used) == ["request:used_listed"], who
        assert told(town, who, other) == [], who
    assert "不因此自动停止" in page(town, "lead", used)
    assert 'id="negative"' not in page(town, "lead", other)
    seen = town.people["clerk"].client.get(f"/api/v1/requests/{used}").json()
    assert seen["state"] == "active", "it ends nothing by itself"


def test_an_item_that_leaves_the_entry_is_told_while_the_text_can_be_changed(town: Town) -> None:
    entry = town.publish("婚姻登记信息", conditional_sharing())
    draft, sent = str(town.create(entry, items=ASKED)["id"]), town.bring_to(entry, *TO_SUBMITTED, items=ASKED)
    other = str(town.create(entry, items=["sfzhm"])["id"])
    for lost in ({"djrq"}, {"djrq", "xm"}):
        left = tuple(item for item in ITEMS if item.field not in lost)
        publish_again(town, entry, items=left, mounts=(mount_of("ren_kou", *(item.field for item in left)),))
        assert told(town, "clerk", draft) == ["request:items_gone"], "once, when it left"
        assert [told(town, "clerk", each) for each in (sent, other)] == [[], []]
    shown = page(town, "clerk", draft)
    assert "已不在目录现行版本里：<code>djrq</code>" in shown
