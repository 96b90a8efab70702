"""What the negative list holds back is agreed to by nobody: neither in person, nor by a consent once given."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.directory.access.conftest import (
    REASON,
    TO_ACCEPTED,
    TO_SUBMITTED,
    Town,
    conditional_sharing,
    granted,
    refused,
    shown,
)
from tests.directory.access.test_sides import free_sharing, less
from tests.directory.lists.test_negatives import LIST, listed

LEFT_OUT = [{"item": "djrq", "reason": REASON}]


@pytest.fixture
def held(town: Town) -> Iterator[Any]:
    """List an entry of the negative list; taken off again afterwards, for the town is others' too."""
    made: list[str] = []

    def put(**changes: Any) -> None:
        made.append(listed(town, **changes))

    yield put
    for each in made:
        town.people["approver"].client.post(f"{LIST}/{each}/removal", json={"words": "测试完毕"})


def test_the_provider_agrees_to_nothing_that_is_held_back(town: Town, resource: str, held: Any) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    held()
    answer = town.act("lead", request_id, "agreed")
    assert refused(answer, 409, "NEGATIVE_HELD_BACK")
    assert "登记日期（《反洗钱法》第五条）" in answer.json()["detail"]
    assert "登记日期" in answer.json()["detail_en"]
    assert refused(town.act("lead", request_id, "agreed", refused_items=[LEFT_OUT[0] | {"item": "xm"}]), 409,
                   "NEGATIVE_HELD_BACK")  # fmt: skip
    assert shown(town, request_id)["stage"] == "provider"
    agreed = town.act("lead", request_id, "agreed", refused_items=LEFT_OUT).json()
    assert agreed["state"] == "agreed"
    assert [item.field for item in granted(town, agreed["grant_id"]).items] == ["sfzhm", "xm", "xzqhdm"]


def test_nor_does_the_office_after_the_provider(town: Town, held: Any) -> None:
    """It is listed between the two; of an entry that is held back whole nothing can be left."""
    ref = town.publish("人口库", conditional_sharing(needs_office_approval=True))
    request_id = town.bring_to(ref, *TO_ACCEPTED)
    assert town.act("lead", request_id, "agreed", refused_items=LEFT_OUT).json()["stage"] == "office"
    held(resource=ref, items=[], covers="open")
    held()  # left out by the provider already
    held(resource=ref, items=["xm"], covers="share", law_article="第六条")
    answer = town.act("approver", request_id, "agreed")
    assert refused(answer, 409, "NEGATIVE_HELD_BACK")
    assert "：姓名（《反洗钱法》第六条）" in answer.json()["detail"]
    held(resource=ref, items=[])
    leaves = [{"item": field, "reason": REASON} for field in ("xm", "xzqhdm")]
    assert refused(town.act("approver", request_id, "agreed", refused_items=leaves), 409, "NEGATIVE_HELD_BACK")
    assert town.act("approver", request_id, "refused", reason=REASON).json()["state"] == "refused"


def test_a_standing_consent_gives_nothing_that_is_held_back(town: Town, held: Any) -> None:
    """It waits for the provider, in a list of many as well, who is told why."""
    ref = town.publish("登记机构", free_sharing())
    signed = town.people["lead"].client.post("/api/v1/consents", json={"resource": ref, "words": "可以直接提供"})
    assert signed.status_code == 201, signed.text
    alone, first, second = (town.bring_to(ref, *TO_SUBMITTED) for _ in range(3))
    spared = town.bring_to(ref, *TO_SUBMITTED, items=["sfzhm", "xm"])
    held()
    answer = town.act("reviewer", alone, "accepted").json()
    assert (answer["state"], answer["stage"], answer["steps"][-1]["act"]) == ("submitted", "provider", "accepted")
    many = {"to": "accepted", "ids": [first, spared, second]}
    told = town.people["reviewer"].client.post("/api/v1/requests/transitions", json=many).json()
    assert told["done"] == 3, told
    assert [shown(town, each)["state"] for each in many["ids"]] == ["submitted", "agreed", "submitted"]
    many = {"to": "agreed", "ids": [alone, first]}
    told = town.people["lead"].client.post("/api/v1/requests/transitions", json=many).json()
    assert [each["code"] for each in told["requests"]] == ["NEGATIVE_HELD_BACK"] * 2
    many |= {"refused_items": [{"item": "djrq", "reason": "超出履行职责所需范围"}]}
    told = town.people["lead"].client.post("/api/v1/requests/transitions", json=many).json()
    assert (told["done"], shown(town, alone)["state"]) == (2, "agreed")


def test_an_earlier_consent_covers_no_change_that_keeps_what_is_held_back(
    town: Town, resource: str, in_use: Any, held: Any
) -> None:
    first = in_use(resource)
    change = less(town, resource, first)  # to 公民身份号码 and 姓名
    assert town.act("own_lead", change, "req_approved").status_code == 200
    assert town.act("clerk", change, "submitted").status_code == 200
    held(items=["身份证号"])  # as it is usually spelled
    answer = town.act("reviewer", change, "accepted").json()
    assert (answer["state"], answer["stage"]) == ("submitted", "provider")
    assert refused(town.act("lead", change, "agreed"), 409, "NEGATIVE_HELD_BACK")
    out = [{"item": "sfzhm", "reason": REASON}]
    assert town.act("lead", change, "agreed", refused_items=out).json()["state"] == "agreed"


def test_the_page_says_it_where_items_are_left_out(town: Town, resource: str, held: Any) -> None:
    """Or above the form, where there is one item and so no such field."""
    request_id, alone = town.bring_to(resource, *TO_ACCEPTED), town.bring_to(resource, *TO_ACCEPTED, items=["djrq"])
    held()
    lead = town.city.browser(town.people["lead"].actor.username)
    sent = {"to": "agreed", "comment": "同意"}
    for each, is_at_field in ((request_id, True), (alone, False)):
        answer = lead.send(f"/requests/{each}", f"/requests/{each}", **sent)
        assert answer.status_code == 409
        assert "负面清单在列，不能同意提供：登记日期" in answer.text
        assert ('<details class="field bad" open>' in answer.text) is is_at_field
    at = f"/requests/{request_id}"
    assert lead.send(at, at, **sent, refused=f"djrq|{REASON}").status_code == 303
    assert shown(town, request_id)["state"] == "agreed"
