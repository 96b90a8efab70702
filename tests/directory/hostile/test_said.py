"""Every act × everything that is said with some act: what has no place in a step is refused by name, and nothing done.

The matrix is made from ``moves.TAKES``: a new field of ``Said`` fails here until the table says where it belongs.
"""

import json
from collections.abc import Callable, Mapping
from html import unescape
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest

from directory.access.decide import GRANT_ACTS, REQUEST_ACTS
from directory.access.moves import TAKES
from directory.access.said import SAID_NAMES, Said
from directory.access.sent import FIELDS, Decision
from directory.access.states import Act
from tests.directory.access.conftest import CERTIFICATE, REASON, TODAY, Town, first_rows, office_resource, receipt, town
from tests.directory.access.test_commands import run
from tests.directory.access.test_decide import ALLOWED, PATHS, request_in

__all__ = ["first_rows", "office_resource", "receipt", "request_in", "run", "town"]

VALUES: Final[Mapping[str, Any]] = {
    "reason": REASON,
    "days": 5,
    "missing": ["papers"],
    "refused_items": [{"item": "xm", "reason": REASON}],
    "until": TODAY.isoformat(),
    "certificate": CERTIFICATE,
    "handed_to": "nobody",
}
TYPED: Final[Mapping[str, Any]] = {
    **{name: VALUES[name] for name in ("reason", "missing", "until", "handed_to")},
    "days": "abc",
    "refused": [f"xm|{REASON}"],
    **CERTIFICATE,
}
_UNBOUND: Final = {"comment", "version"}
_OF_THE_FORM: Final = {"to", "seen", "sole"}
ACTS: Final = sorted(REQUEST_ACTS | GRANT_ACTS)


def test_everything_said_has_a_place() -> None:
    said = Said.model_fields.keys() - _UNBOUND
    assert TAKES.keys() == VALUES.keys() == said
    assert FIELDS.keys() == TYPED.keys() == Decision.model_fields.keys() - _UNBOUND - _OF_THE_FORM
    assert SAID_NAMES.keys() == TAKES.keys() | FIELDS.keys()
    assert all(acts and acts <= set(ACTS) for acts in (*TAKES.values(), *FIELDS.values()))


@pytest.fixture(scope="module")
def standing(town: Town, request_in: Callable[[tuple[str, str]], UUID]) -> Callable[[Act], tuple[str, str]]:
    """A request for which this act is legal now, and somebody who may do it; asked once for each place."""
    made: dict[tuple[str, str], str] = {}

    def find(act: Act) -> tuple[str, str]:
        if act is Act.EXTENDED or act is Act.EXTENSION_REFUSED:
            place, who = ("submitted", "provider"), "approver"
        else:
            place, who = next(
                (place, sorted(acts[act])[0])
                for place, acts in sorted(ALLOWED.items(), key=lambda each: len(PATHS[each[0]]))
                if acts.get(act)
            )
        key = (*place, "asked") if who == "approver" and act in (Act.EXTENDED, Act.EXTENSION_REFUSED) else place
        if key not in made:
            made[key] = str(request_in(place))
            if key != place:
                asked = town.act("lead", made[key], "extension_asked", comment="量大", days=5)
                assert asked.status_code == 200, asked.text
        return made[key], who

    return find


def _last(town: Town, request_id: str) -> Any:
    seen = town.people["clerk"].client.get(f"/api/v1/requests/{request_id}").json()
    return seen["steps"][-1]["seq"], seen["state"], seen["stage"], seen["version"]


def _strange(act: Act, takes: Mapping[str, Any]) -> list[str]:
    return sorted(name for name, acts in takes.items() if act not in acts)


def _named(name: str) -> str:
    return f"{SAID_NAMES[name]}（{name}）"


@pytest.mark.parametrize("act", ACTS, ids=str)
def test_by_program(town: Town, standing: Any, act: Act) -> None:
    request_id, who = standing(act)
    before, client = _last(town, request_id), town.people[who].client
    for name in _strange(act, TAKES):
        body = {"to": act.value, "comment": "说明理由", name: VALUES[name]}
        if act in GRANT_ACTS:
            if name != "until":
                continue
            grant = client.get(f"/api/v1/requests/{request_id}").json()["grant_id"]
            one = client.post(f"/api/v1/grants/{grant}/transitions", json=body)
        else:
            one = client.post(f"/api/v1/requests/{request_id}/transitions", json=body)
            many = client.post("/api/v1/requests/transitions", json=body | {"ids": [request_id]}).json()
            assert [each["code"] for each in many["requests"]] == ["SAID_TOO_MUCH"], (name, many)
            assert _named(name) in many["requests"][0]["detail"]
        assert (one.status_code, one.json()["code"]) == (422, "SAID_TOO_MUCH"), (name, one.text)
        assert _named(name) in one.json()["detail"]
    assert _last(town, request_id) == before


@pytest.mark.parametrize("act", ACTS, ids=str)
def test_on_the_page(town: Town, standing: Any, act: Act) -> None:
    request_id, who = standing(act)
    before, at = _last(town, request_id), f"/requests/{request_id}"
    browser = town.city.browser(town.people[who].actor.username)
    for name in _strange(act, FIELDS):
        page = browser.send(at, at, to=act.value, comment="说明理由", **{name: TYPED[name]})
        assert (page.status_code, _named(name) in unescape(page.text)) == (422, True), name
    assert _last(town, request_id) == before


@pytest.mark.parametrize("act", ACTS, ids=str)
def test_on_the_command_line(town: Town, standing: Any, run: Any, tmp_path: Path, act: Act) -> None:
    """All of it at once, each named."""
    request_id, who = standing(act)
    before, strange, file = _last(town, request_id), _strange(act, TAKES), tmp_path / "said.json"
    file.write_text(json.dumps({name: VALUES[name] for name in strange}), "utf-8")
    status, _, err = run(who, "request", "move", act.value, request_id, "-m", "说明理由", "--file", file)
    assert (status, "SAID_TOO_MUCH" in err) == (1, True), err
    assert all(_named(name) in err for name in strange), err
    assert _last(town, request_id) == before
