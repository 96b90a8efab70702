"""Every route × every role × {own, another department's, none}, made from the application's own routes.

What belongs to one department is, to another, as if it were not there: the answer to its id is the answer to an id that
nothing has, and 404 to whoever might do the same with what is their own. A new route with a parameter that is not in
``HELD`` or ``SHARED`` fails here until somebody says which it is.
"""

import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.routing import APIRoute

from directory.declared import declared
from directory.permissions import PERMISSIONS
from directory.roles import OFFICE_ROLES, THREE_ADMINS, Role

_VERSION = {"if-match": '"1"'}
_FILE = {"file": ("a.csv", b"a,b\n1,2\n", "text/csv")}
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
    "check_id": NOBODYS,
    "delegation_id": NOBODYS,
    "token_id": NOBODYS,
    "username": "nobody-of-this-name",
}
SHARED: Mapping[str, str] = {  # what everybody may know of, or nobody here has; odd values are tried in test_pages
    "act": "closing",
    "code": "99999",
    "consent_id": NOBODYS,
    "field": "road",
    "file_id": NOBODYS,
    "form": "marked",
    "front": "307001",
    "grant_id": NOBODYS,
    "library": "roads",
    "name": "roads",
    "negative_id": NOBODYS,
    "node_id": "nothing",
    "notice_id": NOBODYS,
    "number": "1",
    "offer_id": NOBODYS,
    "org_code": "113301000000000000",
    "period": "2026",
    "prefix": "99999",
    "reform_id": NOBODYS,
    "resource_id": NOBODYS,
    "responsibility_id": NOBODYS,
    "role": "editor",
    "route_id": "nothing",
    "rule_id": NOBODYS,
    "seq": "1",
    "suffix": "0",
    "version": "1",
    "year": "2027",
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
    "delegation_id": frozenset({Role.SECURITY_ADMIN}),
    "username": THREE_ADMINS,
}
FORMS: Mapping[str, Mapping[str, str]] = {  # what a page reads before it looks whose the thing is
    "/resources/{ref}/restore": {"version": "1", "expected": "1"},
    "/resources/{ref}/return": {},
    "/resources/{ref}/edit": {},
}
SAYS_NOTHING = frozenset(
    {"/imports/{import_id}/choices", "/api/v1/ratings/{request_id}", "/api/v1/resources/{ref}/assessments/files"}
)
"""Answers the same whatever the id is: leads on to a page that looks, or reads a file or three marks first."""
STEP = 1 if "HUTONG_FUZZ" in os.environ else 4  # otherwise each role asks for a quarter of what nobody has


@pytest.fixture(scope="module")
def held(scene: Any, city: Any) -> Mapping[str, str]:
    """One of each kind, unpublished and not handed in: nobody outside its department knows of it."""
    editor, requester = scene.people["editor"], scene.people["requester"]
    me = editor.get("/api/v1/me").json()
    colleague = city.person(me["org_code"], Role.EDITOR)
    later = (datetime.now(UTC).date() + timedelta(days=60)).isoformat()
    demand = {
        "title": "需要的数据", "service": "待遇核发", "purpose": "核验", "law_title": "社会保险法",
        "needed_by": later, "items": [{"name": "姓名"}],
    }  # fmt: skip
    delegation = {
        "role": "sharing_lead", "delegate": colleague.actor.username, "starts_on": later,
        "ends_on": later, "reason": "出差",
    }  # fmt: skip
    found = {"code": "P1", "org_code": me["org_code"], "words": "目录没有更新"}
    form = {"title": "登记表", "fields": [{"name": "姓名"}]}
    made = {
        "demand_id": requester.post("/api/v1/demands", json=demand),
        "situation_id": scene.people["office"].post("/api/v1/situations", json=found),
        "check_id": requester.post("/api/v1/collection-checks", json=form),
        "token_id": editor.post("/api/v1/tokens", json={"name": "程序"}),
        "delegation_id": editor.post("/api/v1/delegations", json=delegation),
    }
    assert all(answer.status_code == 201 for answer in made.values()), made
    ids = {name: str((body.get("made") or body)["id"]) for name, body in ((n, a.json()) for n, a in made.items())}
    known = {name: ids[0] for name, ids in scene.known.items() if name in HELD}
    return known | ids | {"username": colleague.actor.username}


@pytest.fixture(scope="module")
def outsiders(city: Any) -> Mapping[Role, Any]:
    """Somebody of each role in a department that has nothing to do with any of it; the office's are in an office."""
    org, office = city.organisation(), city.organisation(is_office=True)
    return {role: city.person(office if role in OFFICE_ROLES else org, role).client for role in Role}


def test_no_parameter_is_forgotten(scene: Any) -> None:
    names = {name for route in _routes(scene) for name in re.findall(r"\{(\w+)", route.path)}
    assert names == HELD.keys() | SHARED.keys()


@pytest.mark.parametrize("role", list(Role))
def test_matrix(scene: Any, held: Mapping[str, str], outsiders: Mapping[Role, Any], role: Role) -> None:
    client, wrong = outsiders[role], []
    for number, route in enumerate(_routes(scene)):
        policy = declared(route.endpoint)
        names = [name for name in re.findall(r"\{(\w+)", route.path) if name in HELD]
        if policy is None or policy.kind in {"public", "node"} or not names:
            continue
        is_theirs = bool(
            policy.kind == "signed_in" or {action for action in policy.actions if role in PERMISSIONS[action]}
        )
        knows = any(role in SEES.get(name, ()) for name in names) and "request_id" not in names
        for method in route.methods:
            other = _send(scene, client, method, route, _filled(route.path, held))
            scene.judge(other, (method, route.path, role))
            seen = {other.status_code}
            if number % STEP == list(Role).index(role) % STEP or other.status_code != 404:
                none = _send(scene, client, method, route, _filled(route.path, {}))
                scene.judge(none, (method, route.path, role))
                seen.add(none.status_code)
            expected = {404} if is_theirs else {403, 404}
            if not knows and (len(seen) > 1 or not (seen <= expected or route.path in SAYS_NOTHING)):
                wrong.append((method, route.path, role.value, seen, other.text[:160]))
    assert not wrong, "\n".join(map(str, wrong))


def test_own_is_found_and_an_unknown_field_is_named(scene: Any, held: Mapping[str, str]) -> None:
    """Whoever it belongs to sees it; whatever takes JSON names the field it does not know, before anything happens."""
    people = [scene.people["editor"], scene.people["requester"]]
    for route in _routes(scene):
        names = re.findall(r"\{(\w+)", route.path)
        if "GET" in route.methods and len(names) == 1 and names[0] in HELD and route.path.endswith(f"{{{names[0]}}}"):
            answers = [client.get(_filled(route.path, held)).status_code for client in people]
            assert {200, 303} & {*answers} or names[0] == "username", (route.path, answers)
        operations = scene.app.openapi()["paths"].get(route.path, {})
        for method in route.methods - {"GET"}:
            content = operations.get(method.lower(), {}).get("requestBody", {}).get("content", {})
            policy = declared(route.endpoint)
            if "application/json" not in content or policy is None or policy.kind == "node":
                continue
            body = _sample(scene.app.openapi(), content["application/json"]["schema"])
            if isinstance(body, dict):
                strange = body | {"nobody_asked": 1}
                answer = people[0].request(method, _filled(route.path, held), json=strange, headers=_VERSION)
                assert (answer.status_code, "nobody_asked" in answer.text) == (422, True), (route.path, answer.text)


def _routes(scene: Any) -> Iterator[APIRoute]:
    return (route for route in scene.app.routes if isinstance(route, APIRoute))


def _filled(path: str, ids: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: (HELD | SHARED | ids)[found[1]], path)


def _send(scene: Any, client: Any, method: str, route: APIRoute, address: str) -> Any:
    """As a program would, with a body that the document allows; or as a page's form."""
    if method == "GET":
        return client.get(address, headers={"accept": "text/html"})
    operation = scene.app.openapi()["paths"].get(route.path, {}).get(method.lower())
    content = (operation or {}).get("requestBody", {}).get("content", {})
    if "application/json" in content:
        body = _sample(scene.app.openapi(), content["application/json"]["schema"])
        return client.request(method, address, json=body, headers=_VERSION)
    if content:
        return client.request(method, address, data=FORMS.get(route.path), files=_FILE)
    return client.request(method, address, data=FORMS.get(route.path, {"to": "x"}) if operation is None else None)


def _sample(document: Any, schema: Any) -> Any:
    """The least that fits a schema."""
    if "$ref" in schema:
        return _sample(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return _sample(document, schema[several][0])
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: _sample(document, schema["properties"][name]) for name in schema.get("required", ())}
        case "array":
            return [_sample(document, schema["items"])] * schema.get("minItems", 0)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    formats = {"date": "2030-01-01", "date-time": "2030-01-01T00:00:00Z", "uuid": NOBODYS}
    return formats.get(schema.get("format", ""), "说明" * max(1, schema.get("minLength", 1)))
