"""Many requests decided on at once on a page: chosen, previewed, taken, each with its own outcome."""

from html import unescape
from uuid import uuid4

from directory.limits import LIMITS
from tests.directory.access.conftest import (
    TO_ACCEPTED,
    TO_SUBMITTED,
    Town,
    office_resource,
    resource,
    shown,
    town,
    waits,
)

__all__ = ["office_resource", "resource", "town"]

BATCH = "/approvals/batch"


def states(town: Town, ids: list[str]) -> list[str]:
    return [shown(town, each)["state"] for each in ids]


def test_previewed_then_taken(town: Town, resource: str, office_resource: str) -> None:
    ids = [town.bring_to(each, *TO_ACCEPTED) for each in (resource, office_resource)]
    other = town.bring_to(resource, *TO_SUBMITTED)  # not accepted yet: not the provider's turn
    lead = town.city.browser(town.people["lead"].actor.username)
    listed = lead.get("/approvals").text
    assert all(f'value="{each}" form="many"' in listed for each in ids)
    at = f"{BATCH}?" + "&".join(f"id={each}" for each in (*ids, other))
    page = unescape(lead.get(at).text)
    assert "其中 2 份可以" in page
    sent = {"id": [*ids, other], "to": "agreed", "comment": "材料齐全，同意"}
    tried = unescape(lead.send(at, BATCH, go="preview", **sent).text)
    assert "2 份可以办，1 份办不成" in tried
    assert "材料齐全，同意" in tried  # what was typed stays
    assert states(town, [*ids, other]) == ["submitted"] * 3  # a preview changes nothing
    assert waits(town, "lead", ids[0])
    done = unescape(lead.send(at, BATCH, go="take", **sent).text)
    assert "已办理 2 份，1 份没有办成" in done
    assert "材料齐全，同意" in done
    assert f'value="{other}" checked' in done  # the one refused can be tried again
    assert f'value="{ids[0]}"' not in done
    assert states(town, [*ids, other]) == ["agreed", "submitted", "submitted"]
    assert shown(town, ids[1])["stage"] == "office"
    assert all(shown(town, each)["steps"][-1]["comment"] == "材料齐全，同意" for each in ids)


def test_one_reason_for_all(town: Town, resource: str) -> None:
    ids = [town.bring_to(resource, *TO_ACCEPTED) for _ in range(2)]
    lead = town.city.browser(town.people["lead"].actor.username)
    at = f"{BATCH}?" + "&".join(f"id={each}" for each in ids)
    none = lead.send(at, BATCH, id=ids, to="refused", comment="不予", go="take")
    assert "2 份没有办成" in unescape(none.text)
    assert states(town, ids) == ["submitted", "submitted"]
    some = lead.send(at, BATCH, id=ids, to="refused", comment="不予", reason="超出履行职责所需范围", go="take")
    assert "已办理 2 份" in unescape(some.text)
    assert states(town, ids) == ["refused", "refused"]


def test_what_is_chosen_badly(town: Town, resource: str) -> None:
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    lead = town.city.browser(town.people["lead"].actor.username)
    assert "还没有选申请" in lead.get(BATCH).text
    assert lead.send(BATCH, BATCH, to="agreed", go="take").status_code == 422
    undecided = lead.send(BATCH, BATCH, id=[request_id], go="take")
    assert undecided.status_code == 422
    assert "还没有选择一项决定" in undecided.text
    single = lead.send(BATCH, BATCH, id=[request_id], to="supplement_asked", go="take")
    assert single.status_code == 422  # what lists parts of one request is done on that one
    too_many = lead.send(BATCH, BATCH, id=[str(uuid4()) for _ in range(LIMITS.batch_count + 1)], to="agreed")
    assert too_many.status_code == 422
    stranger = town.city.browser(town.people["outside_lead"].actor.username)
    seen = unescape(stranger.get(f"{BATCH}?id={request_id}").text)
    assert "户籍人口" not in seen  # others' requests stay unseen
    assert "不能查看" in seen
    assert states(town, [request_id]) == ["submitted"]
