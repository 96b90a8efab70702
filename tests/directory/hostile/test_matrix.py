"""Every route × every role × {own, another department's, none}, made from the application's own routes.

What belongs to one department is, to another, as if it were not there: the answer to its id is the answer to an id that
nothing has, and 404 to whoever might do the same with what is their own. A new route with a parameter that is not in
``HELD`` or ``SHARED`` fails here until somebody says which it is.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from fastapi.routing import APIRoute

from directory.declared import declared
from directory.permissions import PERMISSIONS
from directory.roles import OFFICE_ROLES, THREE_ADMINS, Role
from tests.directory.hostile.belongings import in_use, kept_to_oneself, known_to_all
from tests.directory.hostile.fields import fitting

_VERSION = {"if-match": '"1"'}
_FILE = {"file": ("a.pdf", b"%PDF-1.4\n", "application/pdf")}
_SIGNED = {"kind": "countersignature/1", "payload": "e30=", "signatures": [{"key_id": "0" * 16, "value": "AA=="}]}
_COUNTERSIGNED = {"countersignature": _SIGNED, "confirmed_by": "张三"}
NOBODYS = "00000000-0000-4000-8000-000000000000"
HELD: Mapping[str, str] = {  # what one department has, by the parameter that names it, with an id that nothing has
    "request_id": NOBODYS,
    "ref": NOBODYS,
    "import_id": NOBODYS,
    "proposal_id": NOBODYS,
    "change_id": NOBODYS,
    "correction_id": NOBODYS,
    "objection_id": NOBODYS,
    "complaint_id": NOBODYS,
    "demand_id": NOBODYS,
    "situation_id": NOBODYS,
    "entrustment_id": NOBODYS,
    "check_id": NOBODYS,
    "delegation_id": NOBODYS,
    "token_id": NOBODYS,
    "username": "nobody-of-this-name",
    "consent_id": NOBODYS,
    "file_id": NOBODYS,
    "front": "307001",
    "grant_id": NOBODYS,
    "negative_id": NOBODYS,
    "notice_id": NOBODYS,
    "notices:notice_id": "999999999",
    "offer_id": NOBODYS,
    "prefix": "99999",
    "responsibility_id": NOBODYS,
    "route_id": "nothing",
    "suffix": "0",
}
SHARED: Mapping[str, str] = {  # what everybody may know of, or what only says which part of something held is meant
    "act": "closing",
    "code": "99999",
    "day": "1999-01-01",
    "field": "nothing",
    "form": "marked",
    "library": "nothing",
    "name": "nothing",
    "node_id": "nothing",
    "number": "1",
    "org_code": "113301000000000000",
    "period": "1999",
    "reform_id": NOBODYS,
    "resource_id": NOBODYS,
    "role": "editor",
    "rule_id": "nothing",
    "seq": "1",
    "version": "1",
    "year": "1999",
}
_OFFICE = OFFICE_ROLES
SEES: Mapping[str, frozenset[Role]] = {  # who supervises, and so knows of it: may be told that something is not theirs
    "ref": _OFFICE,
    "change_id": _OFFICE,
    "correction_id": _OFFICE,
    "objection_id": _OFFICE,
    "check_id": _OFFICE | {Role.AUDITOR},
    "complaint_id": _OFFICE,
    "demand_id": _OFFICE | {Role.AUDITOR},
    "import_id": _OFFICE,
    "situation_id": _OFFICE | {Role.AUDITOR},
    "entrustment_id": _OFFICE | {Role.AUDITOR},
    "delegation_id": frozenset({Role.SECURITY_ADMIN}),
    "username": THREE_ADMINS,
    "consent_id": _OFFICE | {Role.AUDITOR},
    "front": _OFFICE,
    "grant_id": _OFFICE | {Role.AUDITOR},
    "negative_id": _OFFICE | {Role.AUDITOR},
    "notes:request_id": frozenset(Role),  # a rating is read by everybody who finds the entry
    "services:notice_id": _OFFICE | {Role.AUDITOR},
    "prefix": _OFFICE,
    "responsibility_id": _OFFICE | {Role.AUDITOR},
    "uses:request_id": _OFFICE | {Role.AUDITOR},
    "route_id": _OFFICE | {Role.AUDITOR, Role.OPERATOR},
}
FORMS: Mapping[str, Mapping[str, str]] = {  # what a page reads before it looks whose the thing is
    "/resources/{ref}/restore": {"version": "1", "expected": "1"},
    "/resources/{ref}/return": {},
    "/api/v1/resources/{ref}/assessments/files": {
        "kind": "secrecy",
        "conclusion": "可以共享",
        "assessed_on": "2026-01-05",
    },
    "/resources/{ref}/edit": {},
    "/services/item-changes/{request_id}": {"version": "6"},  # the one of which users were told
}
USES = ("/brief", "/uses", "/unused/", "/renewals", "/changes")
"""Addresses of requests that make sense only once data are in use; the others are asked with a draft."""
INSIDERS: Mapping[str, frozenset[Role]] = {  # of the scene's people, and what they are there
    "editor": frozenset({Role.EDITOR, Role.SHARING_LEAD}),
    "requester": frozenset({Role.REQUESTER, Role.SHARING_LEAD}),
    "office": OFFICE_ROLES,
    "administrator": frozenset({Role.SYSTEM_ADMIN}),
}
SAYS_NOTHING = frozenset({"/imports/{import_id}/choices", "/api/v1/ratings/{request_id}"})
"""Answers the same whatever the id is: leads on to a page that looks, or reads three marks first."""
STEP = 1 if "HUTONG_FUZZ" in os.environ else 4  # otherwise each role asks for a quarter of what nobody has


@pytest.fixture(scope="module")
def held(scene: Any, city: Any, new_node: Callable[..., Any]) -> Mapping[str, str]:
    """One of each kind; nobody outside its department knows of it, but for who supervises."""
    colleague = city.person(scene.known["org_code"][0], Role.EDITOR)
    known = {name: ids[0] for name, ids in scene.known.items() if name in HELD | SHARED}
    own = kept_to_oneself(scene, colleague) | {"username": colleague.actor.username}
    return known | own | in_use(scene, new_node, city) | known_to_all(scene, city)


@pytest.fixture(scope="module")
def outsiders(city: Any) -> Mapping[Role, Any]:
    """Somebody of each role in a department that has nothing to do with any of it; the office's are in an office."""
    org, office = city.organisation(), city.organisation(is_office=True)
    return {role: city.person(office if role in OFFICE_ROLES else org, role).client for role in Role}


def test_no_parameter_is_forgotten(scene: Any) -> None:
    names = {name for route in _routes(scene) for name in _names(route)}
    assert names == {name.rpartition(":")[2] for name in HELD.keys() | SHARED.keys()}


@pytest.mark.parametrize("role", list(Role))
def test_matrix(scene: Any, held: Mapping[str, str], outsiders: Mapping[Role, Any], role: Role) -> None:
    client, wrong = outsiders[role], []
    for number, route in enumerate(_routes(scene)):
        policy = declared(route.endpoint)
        names = [_named(route, name) for name in _names(route) if name in HELD]
        if policy is None or policy.kind in {"public", "node"} or not names:
            continue
        is_theirs = bool(
            policy.kind == "signed_in" or {action for action in policy.actions if role in PERMISSIONS[action]}
        )
        knows = any(role in SEES.get(name, ()) for name in names) and "request_id" not in names
        for method in route.methods:
            if knows and is_theirs and method != "GET":
                continue  # it would be done
            other = _send(scene, client, method, route, _filled(route, held))
            scene.judge(other, (method, route.path, role))
            seen = {other.status_code}
            if knows:
                is_right = other.status_code in {200, 303} if is_theirs else other.status_code >= 400
                if not is_right and route.path not in SAYS_NOTHING:
                    wrong.append((method, route.path, role.value, seen, other.text[:160]))
                continue
            if number % STEP == list(Role).index(role) % STEP or other.status_code != 404:
                none = _send(scene, client, method, route, _filled(route, {}))
                scene.judge(none, (method, route.path, role))
                seen.add(none.status_code)
            expected = {404} if is_theirs else {403, 404}
            if len(seen) > 1 or not (seen <= expected or route.path in SAYS_NOTHING):
                wrong.append((method, route.path, role.value, seen, other.text[:160]))
    assert not wrong, "\n".join(map(str, wrong))


def test_a_node_speaks_for_itself_alone(scene: Any, held: Mapping[str, str], new_node: Callable[..., Any]) -> None:
    """What is another node's is to a node as if it were not there, or is refused as anything is that is not its own."""
    stranger, wrong = new_node("n_stranger"), []
    for route in _routes(scene):
        policy = declared(route.endpoint)
        for method in route.methods if policy is not None and policy.kind == "node" and _names(route) else ():
            body = [] if "node_id" in _names(route) else _COUNTERSIGNED
            answers = [
                stranger.call(method, _filled(route, ids), None if method == "GET" else body) for ids in (held, {})
            ]
            said = {(answer.status_code, answer.json()["code"]) for answer in answers}
            if said not in ({(403, "NOT_THIS_NODE")}, {(404, "GRANT_NOT_FOUND")}):
                wrong.append((method, route.path, said))
    assert not wrong, "\n".join(map(str, wrong))


def test_what_everybody_knows_is_changed_by_who_may(
    scene: Any, held: Mapping[str, str], outsiders: Mapping[Role, Any]
) -> None:
    """Nobody is told that it is not there; to change it is forbidden to all but the roles that may."""
    wrong = []
    for number, route in enumerate(_routes(scene)):
        policy = declared(route.endpoint)
        if policy is None or policy.kind != "governed" or not _names(route) or set(_names(route)) & HELD.keys():
            continue
        for role in list(Role)[number % STEP :: STEP]:
            is_theirs = any(role in PERMISSIONS[action] for action in policy.actions)
            for method in route.methods:
                if is_theirs and method != "GET":
                    continue  # it would be done
                answer = _send(scene, outsiders[role], method, route, _filled(route, held))
                scene.judge(answer, (method, route.path, role))
                is_right = answer.status_code in {200, 303} if is_theirs else 400 <= answer.status_code != 404
                if not is_right and "bulletins" not in route.path:  # a day's is made when it is over
                    wrong.append((method, route.path, role.value, answer.status_code, answer.text[:200]))
    assert not wrong, "\n".join(map(str, wrong))


def test_own_is_found(scene: Any, held: Mapping[str, str], city: Any) -> None:
    """Somebody is answered otherwise about it than about nothing: else what others are refused would be nothing too."""
    head = city.person(scene.known["org_code"][0], Role.DEPARTMENT_HEAD, Role.REQUESTER)
    guard = city.person(city.organisation(is_office=True), Role.SECURITY_ADMIN)
    people = {scene.people[name]: roles for name, roles in INSIDERS.items()}
    people |= {each.client: each.actor.roles for each in (head, guard)}
    wrong = []
    for route in sorted(_routes(scene), key=lambda each: "GET" not in each.methods):
        policy = declared(route.endpoint)
        if policy is None or policy.kind in {"public", "node"} or not {*_names(route)} & HELD.keys():
            continue
        may = {role for action in policy.actions for role in PERMISSIONS[action]}
        nearest = sorted(people, key=lambda each, may=may: not people[each] & may)
        for method in sorted(route.methods):
            answers = []
            for person in nearest:
                own = _send(scene, person, method, route, _filled(route, held))
                answers.append(_said(own))
                if method == "GET" and own.status_code in {200, 303}:
                    break
                if _said(own) != _said(_send(scene, person, method, route, _filled(route, {}))):
                    break
            else:
                wrong += [(method, route.path, answers)] if route.path not in SAYS_NOTHING else []
    assert not wrong, "\n".join(map(str, wrong))


def test_an_unknown_field_is_named(scene: Any, held: Mapping[str, str]) -> None:
    """Whatever takes JSON names the field it does not know, before anything happens."""
    editor = scene.people["editor"]
    for route in _routes(scene):
        operations = scene.app.openapi()["paths"].get(route.path, {})
        for method in route.methods - {"GET"}:
            content = operations.get(method.lower(), {}).get("requestBody", {}).get("content", {})
            policy = declared(route.endpoint)
            if "application/json" not in content or policy is None or policy.kind == "node":
                continue
            body = fitting(scene.app.openapi(), content["application/json"]["schema"], {})
            if isinstance(body, dict):
                strange = body | {"nobody_asked": 1}
                answer = editor.request(method, _filled(route, held), json=strange, headers=_VERSION)
                assert (answer.status_code, "nobody_asked" in answer.text) == (422, True), (route.path, answer.text)


def _said(answer: Any) -> tuple[int, str]:
    is_problem = answer.headers.get("content-type", "") == "application/problem+json"
    return answer.status_code, answer.json()["code"] if is_problem else ""


def _routes(scene: Any) -> Iterator[APIRoute]:
    return (route for route in scene.app.routes if isinstance(route, APIRoute))


def _names(route: APIRoute) -> list[str]:
    return re.findall(r"\{(\w+)", route.path)


def _named(route: APIRoute, name: str) -> str:
    """The parameter as the tables have it: with the first part of the address where it means several."""
    own = f"{_place(route)}:{name}"
    return own if own in HELD.keys() | SEES.keys() else name


def _place(route: APIRoute) -> str:
    is_use = any(part in route.path for part in USES)
    if route.path.endswith("/notes"):
        return "notes"
    return "uses" if is_use else route.path.removeprefix("/api/v1").split("/")[1]


def _filled(route: APIRoute, ids: Mapping[str, str]) -> str:
    place, known = _place(route), HELD | SHARED | ids

    def value(found: re.Match[str]) -> str:
        return known.get(f"{place}:{found[1]}") or known[found[1]]

    return re.sub(r"\{(\w+)(:\w+)?\}", value, route.path)


def _send(scene: Any, client: Any, method: str, route: APIRoute, address: str) -> Any:
    """As a program would, with a body that the document allows; or as a page's form."""
    if method == "GET":
        return client.get(address, headers={"accept": "text/html"})
    operation = scene.app.openapi()["paths"].get(route.path, {}).get(method.lower())
    content = (operation or {}).get("requestBody", {}).get("content", {})
    if "application/json" in content:
        body = fitting(scene.app.openapi(), content["application/json"]["schema"], {})
        return client.request(method, address, json=body, headers=_VERSION)
    if content:
        return client.request(method, address, data=FORMS.get(route.path), files=_FILE)
    return client.request(method, address, data=FORMS.get(route.path, {"to": "x"}) if operation is None else None)
