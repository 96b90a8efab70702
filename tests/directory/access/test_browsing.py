"""The lists of requests: every number is that of all there are, and the pages together have each of them once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from directory.access import api, pages
from directory.access.browsing import counted, looked_through
from directory.access.states import State
from directory.limits import LIMITS
from tests.directory.access.conftest import TO_SUBMITTED
from tests.directory.access.test_pages import Browser, browser
from tests.directory.web.conftest import Document

__all__ = ["browser"]


@pytest.fixture(scope="module")
def begun(town: Any, resource: str) -> list[str]:
    """Five drafts and two that were submitted, the newest first."""
    found = [str(town.create(resource)["id"]) for _ in range(5)]
    return [town.bring_to(resource, *TO_SUBMITTED) for _ in range(2)] + found[::-1]


def test_the_pages_together_have_each_request_once_and_the_numbers_are_theirs(town: Any, begun: list[str]) -> None:
    clerk, reviewer = town.people["clerk"].actor, town.people["reviewer"].actor
    with town.city.app.state.sessions.begin() as session:
        walked, after = list[str](), ""
        while True:
            found = looked_through(session, clerk, is_own=True, after=after, size=3)
            assert len(found.rows) <= 3
            walked += [str(row.id) for row in found.rows]
            if found.next is None:
                break
            after = found.next
        assert sorted(walked) == sorted(set(walked))
        assert set(begun) <= set(walked)
        numbers = counted(session, clerk)
        assert sum(numbers[True].values()) == len(walked)
        assert sum(numbers[False].values()) == 0
        drafts = looked_through(session, clerk, states=[State.DRAFT], size=500).rows
        assert numbers[True][State.DRAFT] == len(drafts) >= 5
        assert {State(row.state) for row in drafts} == {State.DRAFT}
        assert counted(session, reviewer)[False].get(State.DRAFT, 0) == 0, "what was never handed in is not theirs"
        assert not looked_through(session, reviewer, is_own=True, size=5).rows


def test_the_page_goes_on_where_it_ends_and_counts_what_it_does_not_show(
    town: Any, begun: list[str], browser: Callable[[str], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LIMITS", replace(LIMITS, page_count=2))
    clerk, seen, address = browser("clerk"), list[str](), "/requests?of=own&group=drafts"
    for _ in range(50):
        shown = clerk.get(address)
        links = Document(shown).links()
        rows = [href.removeprefix("/requests/") for href in links if href.removeprefix("/requests/") in set(begun)]
        assert len(rows) <= 2
        seen += rows
        further = [href for href in links if "after=" in href]
        if not further:
            break
        address = further[0]
        assert parse_qs(urlsplit(address).query)["group"] == ["drafts"]
    assert sorted(seen) == sorted(begun[2:])
    with town.city.app.state.sessions.begin() as session:
        number = counted(session, town.people["clerk"].actor)[True][State.DRAFT]
    assert f"<b>{number}<small>件</small></b><span>草稿" in clerk.get("/requests?of=own")
    assert "CURSOR_INVALID" in clerk.get("/requests?after=x", 400)


def test_a_program_is_told_how_many_there_are_and_where_to_go_on(
    town: Any, begun: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "LIMITS", replace(LIMITS, list_count=3))
    client = town.people["clerk"].client
    first = client.get("/api/v1/requests").json()
    assert (len(first["items"]), first["total"] >= 7) == (3, True)
    second = client.get("/api/v1/requests", params={"after": first["next"]}).json()
    assert second["total"] == first["total"]
    assert not {each["id"] for each in first["items"]} & {each["id"] for each in second["items"]}
