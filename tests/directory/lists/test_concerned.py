"""Whoever asks for or uses what is listed, or what leaves the entry, is told, and the request's page shows it."""

from collections.abc import Callable, Collection
from datetime import timedelta
from html import unescape
from typing import Any

from sqlalchemy import event

from tests.directory.access.conftest import (
    ITEMS,
    REASON,
    TO_ACCEPTED,
    TO_ENDORSED,
    TO_SUBMITTED,
    TODAY,
    Town,
    conditional_sharing,
    mount_of,
    shown,
)
from tests.directory.access.test_commands import run
from tests.directory.lists.test_held_back import held
from tests.directory.lists.test_negatives import LIST, listed
from tests.directory.services.test_item_changes import announced, publish_again

__all__ = ["held", "run"]

ASKED = ["sfzhm", "djrq"]


ON = ("request:asked_listed", "request:used_listed", "request:items_gone")
OFF = ("request:asked_unlisted", "request:used_unlisted")


def told(town: Town, who: str, request_id: str, kinds: Collection[str] = ON) -> list[str]:
    found = town.people[who].client.get("/api/v1/notices").json()["items"]
    return [each["kind"] for each in found if each["kind"] in kinds and request_id in each["link"]]


def page(town: Town, who: str, request_id: str) -> str:
    return unescape(town.city.browser(town.people[who].actor.username).get(f"/requests/{request_id}").text)


def test_who_asks_for_what_is_listed_is_told(town: Town, resource: str, held: Any) -> None:
    draft = str(town.create(resource, items=ASKED)["id"])
    disputed = town.bring_to(resource, *TO_ACCEPTED, items=ASKED)
    for who, act, said in (("lead", "refused", {"reason": REASON}), ("own_lead", "disputed", {"comment": "不认可"})):
        assert town.act(who, disputed, act, **said).status_code == 200
    endorsed, sent = (town.bring_to(resource, *acts, items=ASKED) for acts in (TO_ENDORSED, TO_SUBMITTED))
    other = str(town.create(resource, items=["xm"])["id"])
    discarded = str(town.create(resource, items=ASKED)["id"])
    assert town.act("clerk", discarded, "discarded").status_code == 200
    held(covers="open")
    assert told(town, "clerk", draft) == []
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    held(since=tomorrow)
    for request_id in (draft, endorsed, sent, disputed):
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
    assert "已不在目录现行版本里：<code>djrq</code>" in page(town, "clerk", draft)
    assert [shown(town, each)["gone"] for each in (draft, sent, other)] == [["djrq"], [], []]


def test_a_use_keeps_what_left_the_entry_and_is_told_of_it(town: Town, in_use: Callable[..., str], held: Any) -> None:
    """By its grant, as whose items were called then; a draft for the entry of today asks for nothing of the kind."""
    entry = town.publish("收养登记信息", conditional_sharing())
    used, other = in_use(entry, items=ASKED), in_use(entry, items=["sfzhm"])
    announced(town, entry)
    left = tuple(item for item in ITEMS if item.field != "djrq")
    publish_again(town, entry, items=left, mounts=(mount_of("ren_kou", *(item.field for item in left)),))
    draft = str(town.create(entry, items=["sfzhm"])["id"])
    held(org_code="", by="reviewer")
    assert [told(town, "lead", each) for each in (used, other, draft)] == [["request:used_listed"], [], []]
    held(items=["身份证号"])  # as it is usually spelled
    assert [len(told(town, "clerk", each)) for each in (used, other, draft)] == [2, 1, 1]
    held(resource=entry, items=[])
    assert [len(told(town, "clerk", each)) for each in (used, other, draft)] == [3, 2, 2]


def test_many_requests_are_looked_at_together(town: Town, resource: str, in_use: Callable[..., str], held: Any) -> None:
    statements: list[str] = []

    def count(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        if any(f" {table} " in f"{statement} " for table in ("request", "request_version", "grant_record", "notice")):
            statements.append(statement)

    def asked() -> int:
        statements.clear()
        event.listen(engine, "before_cursor_execute", count)
        held(since=(TODAY + timedelta(days=1)).isoformat())
        event.remove(engine, "before_cursor_execute", count)
        return len(statements)

    engine = town.city.app.state.sessions.kw["bind"]
    town.create(resource, items=ASKED)
    in_use(resource, items=ASKED)
    of_few = asked()
    for items in (ASKED, ASKED, ["xm"], ["sfzhm", "xzqhdm"]):
        town.create(resource, items=items)
    in_use(town.publish("殡葬信息", conditional_sharing()), items=ASKED)
    assert asked() == of_few > 0


def test_whoever_looks_at_one_request_is_told_by_program_too(town: Town, resource: str, held: Any, run: Any) -> None:
    """Not in the answer to a step, nor in lists."""
    draft, other = (str(town.create(resource, items=items)["id"]) for items in (ASKED, ["xm"]))
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    assert (shown(town, draft)["listed"], shown(town, draft)["gone"]) == ([], [])
    held(since=tomorrow)
    [hit] = shown(town, draft)["listed"]
    assert (hit["names"], hit["law"], hit["since"]) == (["登记日期"], "《反洗钱法》第五条", tomorrow)
    assert shown(town, other)["listed"] == []
    status, out, err = run("clerk", "request", "show", draft)
    assert (status, f"负面清单 登记日期\t《反洗钱法》第五条\t{tomorrow} 至 " in out) == (0, True), out + err
    assert "负面清单" not in run("clerk", "request", "show", other)[1]
    stepped = town.act("own_lead", draft, "req_approved").json()
    assert (stepped["state"], stepped["listed"], stepped["gone"]) == ("req_approved", None, None)
    lines = town.people["clerk"].client.get("/api/v1/requests").json()["items"]
    assert all("listed" not in line for line in lines)


def test_whoever_was_told_is_told_when_it_is_taken_off(town: Town, in_use: Callable[..., str]) -> None:
    """Whom it concerns by then, and who did without since; not who is done with it."""
    entry = town.publish("医疗救助信息", conditional_sharing())
    used = in_use(entry, items=ASKED)
    draft, discarded, other = (str(town.create(entry, items=items)["id"]) for items in (ASKED, ASKED, ["xm"]))
    answered, sent = (town.bring_to(entry, *TO_ACCEPTED, items=ASKED) for _ in range(2))
    made = [listed(town, resource=entry, **changes) for changes in ({"items": ["djrq"]}, {"items": ["sfzhm"]})]
    opened = listed(town, resource=entry, items=["djrq"], covers="open")
    late = str(town.create(entry, items=ASKED)["id"])
    assert town.act("lead", answered, "refused", reason=REASON).status_code == 200
    assert town.act("clerk", discarded, "discarded").status_code == 200
    second = town.people["second_clerk"].actor.username
    assert town.act("own_lead", draft, "handed_over", handed_to=second, comment="调离").status_code == 200

    def take_off(listed_id: str) -> None:
        body = {"words": "法律已修改"}
        answer = town.people["approver"].client.post(f"{LIST}/{listed_id}/removal", json=body)
        assert answer.status_code == 200, answer.text

    take_off(opened)
    everything = (used, draft, discarded, other, answered, sent, late)
    assert [told(town, "clerk", each, OFF) for each in everything] == [[]] * 7
    take_off(made[0])
    asked = ["request:asked_unlisted"]
    assert [told(town, "clerk", each, OFF) for each in everything] == [
        ["request:used_unlisted"],
        [],
        [],
        [],
        asked,
        asked,
        asked,
    ]
    assert [told(town, who, draft, OFF) for who in ("second_clerk", "lead")] == [asked, []]
    assert [told(town, who, used, OFF) for who in ("own_lead", "lead")] == [["request:used_unlisted"]] * 2
    assert [told(town, "lead", each, OFF) for each in (answered, sent, late)] == [[]] * 3
    take_off(made[1])
    assert len(told(town, "clerk", used, OFF)) == 2


def test_who_was_agreed_to_without_what_was_listed_may_ask_for_it_again(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED, items=ASKED)
    made = listed(town)
    out = [{"item": "djrq", "reason": REASON}]
    assert town.act("lead", request_id, "agreed", refused_items=out).json()["state"] == "agreed"
    answer = town.people["approver"].client.post(f"{LIST}/{made}/removal", json={"words": "法律已修改"})
    assert answer.status_code == 200, answer.text
    assert [told(town, who, request_id, OFF) for who in ("clerk", "lead")] == [["request:asked_unlisted"], []]
