"""Every form of the pages, sent as no page of ours would: never a server error, nothing typed lost, no forgery.

The forms are read from the pages, the routes from the application: a new page's form is tried without being named here.
"""

import itertools
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from annotated_types import MaxLen
from fastapi.dependencies.utils import get_flat_dependant
from fastapi.routing import APIRoute
from sqlalchemy import text

from directory.http.forged import CSRF_FIELD
from tests.directory.hostile.forms import Shown, forms, posted
from tests.directory.hostile.test_pages import HTML, ODD

PEOPLE = ("nobody", "editor", "office", "requester", "auditor", "administrator")
LOGOUT = "/logout"
MARK = "原样的字 <b>&amp;'\""
ODDITIES = (*ODD, "x" * 5000, "9" * 5000, "字" * 40_000, "=HYPERLINK(1)", " ", "\r\n\r\n", "on", "[]", "{}")
NAMES = (
    "",
    "a" * 9000,
    "items[99999].name",
    "items[-1].name",
    "items[x]",
    "__proto__",
    "do",
    "\x00",
    "更多",
    "version",
)
RAW = (
    (b"", "application/x-www-form-urlencoded"),
    (b"%ff=%00&&&=&a=%zz", "application/x-www-form-urlencoded"),
    (b"a=1&" * 30_000, "application/x-www-form-urlencoded"),
    (b"{}", "application/json"),
    (b"a=1", "text/plain"),
    (b"--x\r\n", "multipart/form-data; boundary=x"),
    (b"no boundary at all", "multipart/form-data"),
    (
        b'--x\r\nContent-Disposition: form-data; name="a\xff"\r\n\r\n\xff\xfe\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
    ),
)
# each person gets a share of the variants of each form, those who may do most the most; ten times as many when asked
SHARES = {"editor": 3, "office": 2}
TIMES = 10 if "HUTONG_FUZZ" in os.environ else 1
_TOUCHED_BY_LOOKING = frozenset({"login_session", "login_failure", "alembic_version", "import_file"})

Pairs = list[tuple[str, str]]


@pytest.fixture(scope="module")
def shown(scene: Any) -> Mapping[str, list[Shown]]:
    """The forms of every page that posts, by the route they post to."""
    found: dict[str, dict[tuple[str, ...], Shown]] = {route.path: {} for route in _posting(scene)}
    for who in ("editor", "office", "requester", "nobody"):
        if all(found.values()):
            break
        seen: set[tuple[str, ...]] = set()
        for route in _pages(scene, "GET"):
            for address in _addresses(scene, route.path):
                for form in _behind(scene.browsers[who], address, seen):
                    goal = _goal(scene, form.action)
                    assert goal is not None, f"{address} posts to {form.action}, which takes no post"
                    found[goal].setdefault(tuple(sorted(form.names)), form)
    return {path: list(by.values()) for path, by in found.items()}


def _behind(browser: Any, address: str, seen: set[tuple[str, ...]]) -> Iterator[Shown]:
    """The forms of a page that post, and of what its other forms lead to, each of those once."""
    answer = browser.get(address, headers=HTML)
    if not _is_page(answer):
        return
    for form in forms(answer.text, address):
        if form.method == "post":
            yield form
        elif (key := (form.action, *sorted(form.names))) not in seen:
            seen.add(key)
            chosen = [(name, of[1]) for name, of in form.choices.items() if len(of) > 1]  # not the empty one
            further = browser.get(form.action, params=dict([*form.fields, *chosen, *form.buttons[:1]]), headers=HTML)
            if _is_page(further):
                yield from posted(forms(further.text, form.action))


def test_every_page_that_takes_a_post_is_tried(scene: Any, shown: Mapping[str, list[Shown]]) -> None:
    """Either a page has its form, or the endpoint itself says what it reads; what neither is, nothing would try."""
    blind = [
        route.path
        for route in _posting(scene)
        if not shown[route.path] and not _declared(route) and route.path != LOGOUT
    ]
    assert blind == []


@pytest.mark.parametrize("who", PEOPLE)
def test_nothing_happens_without_the_pages_token(scene: Any, shown: Mapping[str, list[Shown]], who: str) -> None:
    """No token, another's, half of one, or the token as a file: refused, and the database is as before."""
    token = _token(scene, who)
    other = _token(scene, "office" if who != "office" else "editor")
    before = _database(scene)
    tokens = itertools.cycle((None, "", other, token[:-1], token.upper() + "x", "字"))
    for route in _posting(scene):
        for action, sent, _ in _forms_of(scene, route, shown):
            given = next(tokens)
            data = _grouped([("nothing", ""), *sent, *([] if given is None else [(CSRF_FIELD, given)])])
            answer = scene.browsers[who].post(action, data=data, headers=HTML)
            assert (answer.status_code, "CSRF_REFUSED" in answer.text) == (403, True), (who, action, given)
            as_file = {CSRF_FIELD: ("token", token.encode())}
            answer = scene.browsers[who].post(action, data=_grouped(sent), files=as_file, headers=HTML)
            assert answer.status_code == 403, (who, action, "token as a file")
            foreign = {**HTML, "origin": "https://example.org", "sec-fetch-site": "cross-site"}
            data = _grouped([*sent, (CSRF_FIELD, token)])
            assert scene.browsers[who].post(action, data=data, headers=foreign).status_code == 403, (who, action)
    assert _database(scene) == before


@pytest.mark.parametrize("who", PEOPLE)
def test_odd_forms(scene: Any, shown: Mapping[str, list[Shown]], who: str) -> None:
    turn = itertools.count(PEOPLE.index(who))
    token = _token(scene, who)
    for route in _posting(scene):
        if route.path == LOGOUT:  # does what it says
            continue
        for action, sent, names in _forms_of(scene, route, shown):
            for variant in _some(list(_variants(sent, names)), SHARES.get(who, 1), turn):
                data = [*variant, (CSRF_FIELD, token)]
                answer = scene.browsers[who].post(action, data=_grouped(data), headers=HTML)
                scene.judge(answer, (who, action, str(variant)[:300]))
                _keeps_what_was_typed(scene, route, answer, action, variant, sent)
            files = dict.fromkeys(names, ("目录.xlsx", b"PK\x03\x04\xff\x00" * 40))
            answer = scene.browsers[who].post(action, files=files, data={CSRF_FIELD: token}, headers=HTML)
            scene.judge(answer, (who, action, "files for texts"))
        for body, kind in _some(RAW, 1, turn):
            headers = {**HTML, "content-type": kind, "x-csrf-token": token}
            answer = scene.browsers[who].post(_address(scene, route), content=body, headers=headers)
            scene.judge(answer, (who, route.path, body[:40], kind))


def test_a_field_typed_too_full_comes_back_with_its_reason(scene: Any, shown: Mapping[str, list[Shown]]) -> None:
    """Every field with a declared limit that a page lets somebody type into; found, not listed."""
    tried = 0
    for route in _posting(scene):
        who = "nobody" if route.path == "/login" else "editor"  # what is too long is said before who may do it
        for form in shown[route.path]:
            for name, most in _limited(route).items():
                if name in form.written | ({"password"} & {*_declared(route)}):
                    tried += 1
                    _comes_back(scene, who, form, name, most)
    assert tried >= 10


def _comes_back(scene: Any, who: str, form: Shown, name: str, most: int) -> None:
    text = MARK + "字" * most
    sent = [pair for pair in (*form.fields, *form.buttons[-1:]) if pair[0] not in {CSRF_FIELD, name}]
    data = _grouped([*sent, (CSRF_FIELD, _token(scene, who)), (name, text)])
    answer = scene.browsers[who].post(form.action, data=data, headers=HTML)
    assert answer.status_code == 422, (form.action, name, answer.status_code)
    found = [each for each in posted(forms(answer.text, form.action)) if each.action == form.action]
    assert len(found) == 1, f"{form.action}: no form came back for {name}; is it in FIELD_LABELS?"
    assert f'id="{name}-error">最长 {most} 个字，现在是 {len(text)} 个' in answer.text, (form.action, name)
    secret = {"password"}
    assert [_plain(each) for each in found[0].values(name)] == ([""] if name in secret else [text]), (form.action, name)
    for each in {key for key, _ in sent} - secret:
        assert sorted(found[0].values(each)) == sorted(data[each]), (form.action, name, each)


def _limited(route: APIRoute) -> dict[str, int]:
    """The most characters of the route's fields, where that is declared."""
    found = {}
    for each in get_flat_dependant(route.dependant).body_params:
        found |= getattr(each.field_info.annotation, "model_fields", None) or {each.alias: each.field_info}
    return {
        name: bound.max_length
        for name, info in found.items()
        for bound in info.metadata
        if isinstance(bound, MaxLen) and info.annotation is str
    }


def _keeps_what_was_typed(scene: Any, route: APIRoute, answer: Any, action: str, sent: Pairs, before: Pairs) -> None:
    """Where the form stands on the page again, each field typed into says what was sent.

    Put together with what somebody else saved meanwhile (412), a field left as it was may say what they wrote.
    """
    if not _is_page(answer):
        return
    typed: dict[str, list[str]] = {}
    for name, value in sent:
        typed.setdefault(name, []).append(value)
    if answer.status_code == 412:
        typed = {
            name: values for name, values in typed.items() if values != [old for each, old in before if each == name]
        }
    lost = []
    for form in posted(forms(answer.text, action)):
        of = set(form.values("do"))
        if _goal(scene, form.action) == route.path and not (of and of.isdisjoint(typed.get("do", ()))):
            said = {name: {_plain(value) for value in form.values(name)} for name in form.written & typed.keys()}
            lost.append([name for name in said if said[name].isdisjoint(map(_plain, typed[name]))])
    # Two forms of a page may send to one address: one of them was sent, and it is the one that says so.
    assert not lost or [] in lost, (
        action,
        answer.status_code,
        lost,
        {name: typed[name] for each in lost for name in each},
    )


def _variants(sent: Pairs, names: Sequence[str]) -> Iterator[Pairs]:
    """The form with something missing, too much, odd, twice, or of no form of ours."""
    yield []
    yield [(name, "") for name, _ in sent]
    yield [*sent, *((name, MARK) for name in NAMES)]
    yield [(name, MARK) for name in names]
    yield [*sent, *((name, MARK) for name, _ in sent)]
    for number, name in enumerate(names):
        yield [pair for pair in sent if pair[0] != name]
        odd = (ODDITIES[(number * 3 + shift) % len(ODDITIES)] for shift in range(3))
        for value in odd:
            yield [(each, value if each == name else before) for each, before in sent] + (
                [] if name in dict(sent) else [(name, value)]
            )


def _forms_of(
    scene: Any, route: APIRoute, shown: Mapping[str, list[Shown]]
) -> Iterator[tuple[str, Pairs, Sequence[str]]]:
    """Where to, the pairs a browser would send (with each of its buttons), and every name there is."""
    declared = _declared(route)
    for form in shown[route.path]:
        fields = [pair for pair in form.fields if pair[0] != CSRF_FIELD]
        names = sorted({*form.names, *form.files, *declared, *dict(form.buttons)} - {CSRF_FIELD})
        button = form.buttons[-1:]
        yield form.action, [*fields, *button], names
    if not shown[route.path]:
        yield _address(scene, route), [(name, "1") for name in declared], declared


def _some(variants: Sequence[Any], share: int, turn: Iterator[int]) -> Sequence[Any]:
    count = min(share * TIMES, len(variants))
    start = next(turn) * count
    return [variants[(start + number * 7) % len(variants)] for number in range(count)]


def _posting(scene: Any) -> list[APIRoute]:
    return list(_pages(scene, "POST"))


def _pages(scene: Any, method: str) -> Iterator[APIRoute]:
    for route in scene.app.routes:
        if isinstance(route, APIRoute) and method in route.methods and not route.path.startswith("/api/"):
            yield route


def _addresses(scene: Any, path: str) -> list[str]:
    """With what exists: a draft and a published entry, imports and acts in each of their states."""
    for name, count in (("ref", 2), ("import_id", 3), ("reform_id", 2)):
        if f"{{{name}}}" in path:
            return [scene.filled(path, **{name: known}) for known in scene.known[name][:count]]
    return [scene.filled(path)]


def _address(scene: Any, route: APIRoute) -> str:
    return str(scene.filled(route.path))


def _goal(scene: Any, action: str) -> str | None:
    return next((route.path for route in _pages(scene, "POST") if route.path_regex.match(action)), None)


def _declared(route: APIRoute) -> list[str]:
    names = []
    for each in get_flat_dependant(route.dependant).body_params:
        members = getattr(each.field_info.annotation, "model_fields", None)
        names += [member.alias or name for name, member in members.items()] if members else [each.alias]
    return names


def _token(scene: Any, who: str) -> str:
    page = scene.browsers[who].get("/login" if who == "nobody" else "/", headers=HTML).text
    found = re.search(rf'name="{CSRF_FIELD}" value="([0-9a-f]+)"', page)
    assert found, f"no form on the first page of {who}"
    return found[1]


def _is_page(answer: Any) -> bool:
    return bool(answer.headers.get("content-type", "").startswith("text/html"))


def _plain(value: str) -> str:
    return value.replace("\r\n", "\n").strip()


def _grouped(pairs: Pairs) -> dict[str, list[str]]:
    data: dict[str, list[str]] = {}
    for name, value in pairs:
        data.setdefault(name, []).append(value)
    return data


def _database(scene: Any) -> dict[str, str]:
    """What stands in every table that looking at pages does not touch."""
    with scene.app.state.engine.connect() as connection:
        names = connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
        ).all()
        return {
            name: str(
                connection.scalar(
                    text(f"SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM \"{name}\" t")
                )
            )
            for name in names
            if name not in _TOUCHED_BY_LOOKING
        }
