"""Ratings over HTTP: who gives them, what is counted, what is kept, what moderation does and does not."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from directory.errors import DirectoryError
from directory.ratings.rate import note as add
from directory.ratings.states import Act
from tests.directory.access.conftest import Town, first_rows, in_use, receipt, refused, resource, town

__all__ = ["first_rows", "in_use", "receipt", "resource", "town"]

MARKS = {"quality": 4, "timeliness": 2, "usefulness": 5}


@pytest.fixture(scope="module")
def using(town: Town, resource: str, in_use: Any) -> str:
    return str(in_use(resource))


def rate(town: Town, who: str, request_id: str, **changes: Any) -> Any:
    return town.people[who].client.put(f"/api/v1/ratings/{request_id}", json=MARKS | changes)


def note(town: Town, who: str, request_id: str, act: str, words: str = "说明") -> Any:
    return town.people[who].client.post(f"/api/v1/ratings/{request_id}/notes", json={"act": act, "words": words})


def ratings(town: Town, who: str, resource: str) -> dict[str, Any]:
    return dict(town.people[who].client.get(f"/api/v1/resources/{resource}/ratings").json())


def test_given_changed_answered_hidden_and_shown(town: Town, resource: str, using: str) -> None:
    assert ratings(town, "clerk", resource)["rateable"] == [using]
    assert rate(town, "clerk", using, words="住址常缺").json()["now"]["version"] == 1
    changed = rate(town, "own_lead", using, quality=5, words="住址已补齐").json()
    assert (changed["now"]["version"], [each["quality"] for each in changed["earlier"]]) == (2, [4])
    found = ratings(town, "outside_clerk", resource)
    assert (found["total"], found["departments"], found["rateable"]) == (1, 1, [])
    assert {each["aspect"]: each["counts"] for each in found["aspects"]} == {
        "quality": [1, 0, 0, 0, 0],
        "timeliness": [0, 0, 0, 1, 0],
        "usefulness": [1, 0, 0, 0, 0],
    }
    assert "average" not in str(found)
    assert note(town, "lead", using, "answered", "谢谢，已接入").status_code == 201
    assert refused(note(town, "lead", using, "hidden"), 403, "FORBIDDEN")
    assert refused(note(town, "approver", using, "shown"), 409, "RATING_MOVE_ILLEGAL")
    hidden = note(town, "approver", using, "hidden", "含有个人信息")
    assert (hidden.status_code, hidden.json()["is_hidden"]) == (201, True)
    seen = ratings(town, "lead", resource)
    [one] = seen["ratings"]
    assert (one["now"]["words"], one["earlier"][0]["words"], one["now"]["quality"]) == ("", "", 5)
    assert [each["counts"] for each in seen["aspects"]] == [each["counts"] for each in found["aspects"]]
    assert ratings(town, "clerk", resource)["ratings"][0]["now"]["words"] == "住址已补齐"
    assert refused(note(town, "lead", using, "answered"), 409, "RATING_MOVE_ILLEGAL")
    assert rate(town, "clerk", using, words="改过的话").json()["is_hidden"]
    shown = note(town, "reviewer", using, "shown", "已改正").json()
    assert [each["act"] for each in shown["notes"]] == ["answered", "hidden", "shown"]
    assert ratings(town, "lead", resource)["ratings"][0]["now"]["words"] == "改过的话"


def test_who_may_not(town: Town, resource: str, using: str) -> None:
    assert refused(rate(town, "outside_clerk", using), 404, "REQUEST_NOT_FOUND")
    assert refused(rate(town, "lead", using), 409, "RATING_NOT_USED")
    waiting = town.agreed(resource)["id"]
    assert refused(rate(town, "clerk", waiting), 409, "RATING_NOT_USED")
    assert refused(note(town, "lead", waiting, "answered"), 404, "RATING_NOT_FOUND")
    assert refused(rate(town, "auditor", using), 403, "FORBIDDEN")
    assert refused(rate(town, "clerk", using, quality=6), 422, "INPUT_MALFORMED")
    assert refused(rate(town, "clerk", using, quality=4.5), 422, "INPUT_MALFORMED")
    assert refused(rate(town, "clerk", using, mood=5), 422, "INPUT_MALFORMED")
    rate(town, "clerk", using)
    assert refused(note(town, "lead", using, "answered", " "), 409, "COMMENT_REQUIRED")
    assert refused(note(town, "outside_lead", using, "answered"), 403, "FORBIDDEN")
    of_the_provider = replace(town.people["approver"].actor, org_code=town.orgs["provider"])
    with town.city.app.state.sessions() as session, pytest.raises(DirectoryError, match="RATING_OWN"):
        add(session, of_the_provider, UUID(using), Act.HIDDEN, "x", datetime.now(UTC))


def test_history_stays_also_in_sql(town: Town, using: str, directory_app: Any) -> None:
    rate(town, "clerk", using)
    for statement in ("UPDATE rating_version SET quality = 5", "DELETE FROM rating_note", "DELETE FROM rating"):
        with directory_app.state.sessions() as session, pytest.raises(ProgrammingError, match="permission denied"):
            session.execute(text(statement))
    with directory_app.state.sessions() as session:
        session.execute(text("UPDATE rating SET version = 99 WHERE request_id = :id"), {"id": using})
        with pytest.raises(IntegrityError, match="fk_rating_version_now"):
            session.commit()
