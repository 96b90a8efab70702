"""What was chosen one by one stays chosen: previewed again, after a refusal, for an act that ended without it."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from directory.clock.today import shanghai_today
from tests.directory.access.conftest import Town
from tests.directory.hostile.forms import Shown, forms
from tests.directory.reform.conftest import PAPER, ROUTE, turn

NEW = "/reforms/new"


class Split(NamedTuple):
    """A department and those it is split among, and the names of its people."""

    old: str
    kept: str
    given: str
    people: list[str]


@pytest.fixture
def split(town: Town, department: Callable[..., str]) -> Split:
    old, kept, given = department(), department(), department()
    client = town.people["approver"].client
    body = {"kind": "merge", "organisations": [old], "successors": [given], "basis": PAPER}
    body["effective_on"] = shanghai_today().isoformat()
    page = town.city.browser(town.people["approver"].actor.username).send(NEW, NEW, do="preview", **body).text
    names = [each.removeprefix("person:") for each in filled(page) if each.startswith("person:")]
    assert (client.post(f"{ROUTE}/preview", json=body).status_code, len(names)) == (200, 3)
    return Split(old, kept, given, sorted(names))


def typed(split: Split, **more: Any) -> dict[str, Any]:
    chosen = {"kind": "split", "organisations": [split.old], "successors": [split.kept, split.given], "basis": PAPER}
    return chosen | {"default_successor": split.kept, "effective_on": shanghai_today().isoformat()} | more


def the_form(page: str) -> Shown:
    [form] = [each for each in forms(page, NEW) if each.action == NEW and "effective_on" in each.names]
    return form


def filled(page: str) -> dict[str, list[str]]:
    """What the form on the page would send if nothing were changed in it."""
    form = the_form(page)
    names = {name for name, _ in form.fields}
    return {name: form.values(name) for name in names if name not in ("csrf_token", "digest")}


def send(town: Town, **fields: Any) -> Any:
    browser = town.city.browser(town.people["approver"].actor.username)
    return browser.send(NEW, NEW, **{"do": "preview"} | fields)


def people_in(page: str) -> dict[str, str]:
    return {name.removeprefix("person:"): to[-1] for name, to in filled(page).items() if name.startswith("person:")}


def test_after_a_refusal_and_on_previewing_again(town: Town, split: Split) -> None:
    one, two, three = split.people
    shown = send(town, **typed(split)).text
    assert people_in(shown) == dict.fromkeys(split.people, split.kept)
    chosen = filled(shown) | {f"person:{one}": [split.given], f"person:{two}": [""]}
    wanted = {one: split.given, two: "", three: split.kept}
    for wrong in ({"basis": [""]}, {"effective_on": ["2999-01-01"]}, {"successors": [split.kept]}):
        refused = send(town, **chosen | wrong)
        assert refused.status_code == 422
        assert people_in(refused.text) == wanted, f"{wrong}: it waits in the page"
        mended = send(town, **filled(refused.text) | {name: chosen[name] for name in wrong})
        assert mended.status_code == 200
        assert people_in(mended.text) == wanted
    again = send(town, **filled(mended.text))
    assert people_in(again.text) == wanted
    there = send(town, **filled(again.text) | {"become": ["rename"]})
    back = send(town, **filled(there.text) | {"become": ["split"]})
    assert people_in(send(town, **filled(back.text)).text) == wanted


def test_the_rest_follows_who_is_to_have_it(town: Town, split: Split) -> None:
    """Whoever had not been chosen for anybody goes where the rest goes now."""
    one, two, three = split.people
    chosen = filled(send(town, **typed(split)).text) | {f"person:{one}": [""]}
    moved = send(town, **chosen | {"default_successor": [split.given]}).text
    assert people_in(moved) == {one: "", two: split.given, three: split.given}


def test_who_no_longer_takes_over_gets_nothing_and_it_is_said(
    town: Town, split: Split, department: Callable[..., str]
) -> None:
    one, two, three = split.people
    chosen = filled(send(town, **typed(split)).text) | {f"person:{one}": [split.given]}
    other = department()
    shown = send(town, **chosen | {"successors": [split.kept, other]})
    assert shown.status_code == 200, "it is no riddle which of the choices is in the way"
    assert people_in(shown.text) == dict.fromkeys((one, two, three), split.kept)
    assert "1 项原来逐项选的承接部门用不上了" in shown.text
    assert "用不上了" not in send(town, **filled(shown.text)).text
    other_old = send(town, **chosen | {"organisations": [other]})
    assert (other_old.status_code, set(people_in(other_old.text)) & set(split.people)) == (200, set())


def test_an_act_that_ended_without_it_is_previewed_anew_with_all_of_it(town: Town, split: Split) -> None:
    one, two, three = split.people
    body = typed(split, people={one: split.given, two: ""}, words="过渡期三个月")
    client = town.people["approver"].client
    digest = client.post(f"{ROUTE}/preview", json=body).json()["digest"]
    number = client.post(f"{ROUTE}/begin", json=body | {"digest": digest}).json()["reform_id"]
    assert client.post(f"{ROUTE}/{number}/stop").status_code == 200
    assert turn(town)
    browser = town.city.browser(town.people["approver"].actor.username)
    place = f"/reforms/{number}"
    [anew] = [each for each in forms(browser.get(place).text, place) if each.action == NEW]
    shown = browser.send(place, NEW, **{name: anew.values(name) for name in anew.names if name != "csrf_token"})
    assert shown.status_code == 200
    assert people_in(shown.text) == {one: split.given, two: "", three: split.kept}
    kept = filled(shown.text)
    assert [kept[name] for name in ("words", "basis", "default_successor")] == [["过渡期三个月"], [PAPER], [split.kept]]
    assert set(kept["successors"]) == {split.kept, split.given}
    assert f'value="{digest}"' in shown.text, "the same would move"
