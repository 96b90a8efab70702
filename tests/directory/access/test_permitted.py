"""Whoever may not take a step is told why, and what would help; and what is offered to somebody they may do."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from directory.access.decide import GRANT_ACTS, decide
from directory.access.drafting import amend
from directory.access.grants import grants_of
from directory.access.models import RequestRow
from directory.access.parties import STEP_ACTIONS
from directory.access.permitted import legal_acts
from directory.access.queries import request_row, visible_grant
from directory.access.said import Said
from directory.access.states import Act
from directory.access.views import grant_view
from directory.actions import Action
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.permissions import PERMISSIONS
from metadata.access import AccessRequest
from tests.directory.access.conftest import (
    CERTIFICATE,
    REASON,
    TO_ACCEPTED,
    TO_AGREED,
    TO_ENDORSED,
    TO_SUBMITTED,
    TODAY,
    Town,
    conditional_sharing,
    refused,
    shown,
)

TO_ASKED = (*TO_ACCEPTED, ("lead", "extension_asked"))
SAID: dict[Act, dict[str, Any]] = {
    Act.SUPPLEMENT_ASKED: {"missing": ["papers"]},
    Act.REFUSED: {"reason": REASON},
    Act.EXTENSION_ASKED: {"days": 3},
    Act.SUSPENDED: {"until": TODAY + timedelta(days=30)},
    Act.DISPOSAL_ASKED: {"reason": "销毁", "until": TODAY + timedelta(days=30)},
    Act.DISPOSED: {"certificate": CERTIFICATE},
}
NOT_YOURS = {"TOKEN_SCOPE", "FORBIDDEN", "REQUEST_NOT_FOUND", "RESOURCE_NOT_FOUND", "GRANT_NOT_FOUND"}
CONCERNED = {*STEP_ACTIONS, Action.REQUEST_CREATE, Action.REQUEST_READ, Action.RESOURCE_READ, Action.GRANT_READ}


def test_a_token_that_is_too_narrow_is_told_what_it_lacks(town: Town, resource: str) -> None:
    """Not that somebody else has to do it, who is this very person; and it is not offered before."""
    request_id = town.bring_to(resource, *TO_ACCEPTED)
    for scope, lacks in (
        (["request:read", "grant:confirm_change"], "request:agree"),
        (["request:read", "request:agree"], "resource:read"),
    ):
        asked = {"name": "核对", "scope": scope, "days": 1}
        token = town.people["lead"].client.post("/api/v1/tokens", json=asked).json()["token"]
        client = town.city.client()
        client.headers["Authorization"] = f"Bearer {token}"
        assert "agreed" not in client.get(f"/api/v1/requests/{request_id}").json()["acts"]
        answer = client.post(f"/api/v1/requests/{request_id}/transitions", json={"to": "agreed"})
        assert refused(answer, 403, "TOKEN_SCOPE")
        assert lacks in answer.json()["detail"]
    assert shown(town, request_id)["state"] == "submitted"


@pytest.fixture(scope="module")
def places(town: Town, resource: str, office_resource: str, in_use: Callable[..., str]) -> list[str]:
    """A request at each of many places: waiting for each party, in use, suspended, ended, refused, disputed."""
    said = {"comment": "说明理由"}

    def bring(*acts: tuple[str, str], entry: str = resource) -> str:
        request_id = town.bring_to(entry)
        for who, to in acts:
            words = {"agreed": {}, "refused": {"reason": REASON}, "extension_asked": {"days": 3}}.get(to, {})
            answer = town.act(who, request_id, to, **said, **words)
            assert answer.status_code == 200, answer.text
        return request_id

    found = [bring(*acts) for acts in ((), TO_ENDORSED, TO_SUBMITTED, TO_ACCEPTED, TO_ASKED, TO_AGREED)]
    found += [bring(*TO_ACCEPTED, ("lead", "agreed"), entry=office_resource)]
    found += [bring(*TO_ACCEPTED, ("lead", "refused"))]
    found += [bring(*TO_ACCEPTED, ("lead", "refused"), ("own_lead", "disputed"))]
    used, ended = (in_use(town.publish(title, conditional_sharing())) for title in ("就业登记信息", "失业登记信息"))
    assert town.act("own_lead", ended, "purpose_done", **said).status_code == 200
    return [*found, used, ended]


@pytest.mark.parametrize("who", ["clerk", "own_lead", "reviewer", "lead", "approver"])
def test_what_is_offered_to_a_token_it_may_do(town: Town, places: list[str], who: str) -> None:
    """Of every scope that lacks one thing, or holds little: each act that the request or its grant names to it is
    taken, or refused for what it says, never for who says it.
    """
    person, done = town.people[who].actor, set()
    own = {each for each in CONCERNED if PERMISSIONS[each].keys() & person.roles}
    reading = {each for each in own if each.endswith(":read")}
    scopes = [own, *(own - {each} for each in sorted(own)), own - reading]
    scopes += [own - reading | {each} for each in sorted(reading)]
    for request_id in places:
        for scope in scopes:
            actor = replace(person, scope=frozenset(scope))
            for act, code in _tried(town, actor, UUID(request_id)):
                assert code not in NOT_YOURS, (who, act, code, sorted(own - scope))
                done |= {act} if not code else set()
    assert done, who


def _tried(town: Town, actor: Any, request_id: UUID) -> list[tuple[Act, str]]:
    """Each act offered by the request or its grant, with the code of its refusal; nothing stays done."""
    now, found, key = datetime.now(UTC), [], town.city.app.state.directory_key
    with town.city.app.state.sessions() as session:
        row = session.get_one(RequestRow, request_id)
        grant = next((each.grant_id for each in grants_of(session, row)), "")
        offered = _offered(lambda: legal_acts(session, actor, request_row(session, actor, request_id), day_of(now)))
        offered |= _offered(lambda: grant_view(session, actor, grant).acts)
        asked = AccessRequest.model_validate(town.asks(str(row.resource_id)))
        for act in sorted(offered):
            said = Said.model_validate({"comment": "说明理由"} | SAID.get(act, {}))
            if act is Act.HANDED_OVER:
                said = said.model_copy(update={"handed_to": town.people["second_clerk"].actor.username})
            code, nested = "", session.begin_nested()
            try:
                if act in GRANT_ACTS:
                    visible_grant(session, actor, grant)
                if act is Act.AMENDED:
                    amend(session, actor, request_id, asked, now)
                else:
                    decide(session, actor, key, request_id, act, now, said, suite_2=frozenset())
            except DirectoryError as error:
                code = error.code
            nested.rollback()
            found.append((act, code))
            session.info.clear()
    return found


def _offered(look: Callable[[], Iterable[Act]]) -> set[Act]:
    try:
        return set(look())
    except DirectoryError:
        return set()  # what one may not see offers nothing
