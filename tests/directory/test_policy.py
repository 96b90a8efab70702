"""The table of permissions, and every route held against it."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from directory.actions import Action
from directory.actors import Actor, current_actor
from directory.declared import declared
from directory.permissions import PERMISSIONS, Reach
from directory.policy import Allowed, Denied, allows, may, require, visible_resources
from directory.roles import OFFICE_ROLES, THREE_ADMINS, Role


def actor(*roles: Role, org: str = "本局") -> Actor:
    return Actor(uuid4(), "zhang", "张三", org, org, frozenset(roles))


def routes(app: FastAPI) -> list[APIRoute]:
    return [route for route in app.routes if isinstance(route, APIRoute)]


def asks_for_actor(dependant: Dependant) -> bool:
    return dependant.call is current_actor or any(asks_for_actor(each) for each in dependant.dependencies)


def test_every_route_says_who_may_call_it(directory_app: FastAPI) -> None:
    silent = [
        f"{sorted(route.methods)} {route.path}" for route in routes(directory_app) if not declared(route.endpoint)
    ]
    assert not silent


def test_routes_that_are_governed_know_their_caller(directory_app: FastAPI) -> None:
    for route in routes(directory_app):
        policy = declared(route.endpoint)
        assert policy is not None
        if policy.kind in {"governed", "signed_in"}:
            assert asks_for_actor(route.dependant), route.path
        assert policy.actions or policy.reason, route.path


def test_without_signing_in_only_public_routes_answer(directory_app: FastAPI, city: Any) -> None:
    client = city.client()
    for route in routes(directory_app):
        policy = declared(route.endpoint)
        assert policy is not None
        if policy.kind not in {"governed", "signed_in"}:
            continue
        path = route.path
        for name in route.param_convertors:
            path = path.replace(f"{{{name}}}", "1")
        for method in route.methods - {"HEAD"}:
            answer = client.request(method, path)
            assert answer.status_code in {401, 403, 422}, (method, path, answer.status_code)
            assert answer.status_code != 422 or answer.json()["code"] == "INPUT_MALFORMED"


def test_every_action_is_used(directory_app: FastAPI) -> None:
    used = {action for route in routes(directory_app) for action in (declared(route.endpoint) or _NOTHING).actions}
    assert set(Action) - used == set()


def test_actions_are_spelled_alphabetically() -> None:
    values = [action.value for action in Action]
    assert values == sorted(values)
    assert set(PERMISSIONS) == set(Action)


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("role", list(Role))
def test_may_is_the_table(role: Role, action: Action) -> None:
    reach = PERMISSIONS[action].get(role)
    own, other = may(actor(role), action, "本局"), may(actor(role), action, "别的局")
    assert isinstance(own, Allowed) == (reach is not None)
    assert isinstance(other, Allowed) == (reach is Reach.ANY)
    if isinstance(own, Denied):
        assert own.reason_zh.startswith("需要角色")


def test_nobody_with_no_role_may_anything() -> None:
    assert all(not allows(actor(), action, "本局") for action in Action)


def test_administrators_touch_no_business() -> None:
    """三员: they read what everybody reads, and administer; no step of a resource, request or grant is theirs."""
    business = {action for action in Action if action.split(":")[0] in {"resource", "request", "grant"}}
    reading = {Action.RESOURCE_READ, Action.REQUEST_READ, Action.GRANT_READ}
    for role in THREE_ADMINS:
        assert not any(role in PERMISSIONS[action] for action in business - reading)


def test_whoever_runs_the_machines_for_others_touches_no_data() -> None:
    """Art. 36: operators, often a contractor's, see how batches travel and order a node to look; nothing is theirs
    besides what everybody may: no request, no entry's draft, no use, no person, no log, nothing to decide.
    """
    everybody = {action for action in Action if all(role in PERMISSIONS[action] for role in Role)}
    own = {action for action in Action if Role.OPERATOR in PERMISSIONS[action]} - everybody
    assert own == {Action.GRANT_READ, Action.ORDER_ISSUE}
    assert {PERMISSIONS[action][Role.OPERATOR] for action in own} == {Reach.OWN}
    changing = {action for action in everybody if not action.value.endswith(":read")}
    assert changing == {Action.COMPLAINT_RAISE}
    seen = visible_resources(actor(Role.OPERATOR))
    assert not seen.is_everything


def test_require_gives_the_reason() -> None:
    with pytest.raises(Exception, match="只能办理本部门的事项"):
        require(actor(Role.EDITOR), Action.RESOURCE_EDIT, "别的局")


def test_unpublished_entries_are_seen_by_their_department_and_the_office() -> None:
    assert not visible_resources(actor(Role.EDITOR)).is_everything
    assert all(visible_resources(actor(role)).is_everything for role in OFFICE_ROLES)


class _Nothing:
    actions: tuple[Action, ...] = ()


_NOTHING = _Nothing()
