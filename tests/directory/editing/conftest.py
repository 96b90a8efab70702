"""The people of a department and the office, browsers in which they are signed in, the form as it is sent."""

from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.directory.resources.conftest import Department, Office, department, move, office, publish

__all__ = ["Department", "Office", "department", "move", "office", "publish"]


@pytest.fixture
def browser(city: Any) -> Callable[[Any], Any]:
    return lambda person: city.browser(person.actor.username)


class Fields(HTMLParser):
    """What a browser would send with the largest form of a page, if a button were pressed: name and value."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[list[tuple[str, str]]] = []
        self._select: list[str] | None = None
        self._area: str | None = None
        self.feed(text)

    @property
    def sent(self) -> list[tuple[str, str]]:
        return max(self.forms, key=len)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        given = dict(pairs)
        if tag == "form":
            self.forms.append([])
        elif tag == "input" and given.get("name"):
            kind = given.get("type", "text")
            if kind not in {"checkbox", "radio"} or "checked" in given:
                self.forms[-1].append((str(given["name"]), given.get("value") or ""))
        elif tag == "select":
            self._select = [str(given["name"])]
        elif tag == "option" and self._select is not None and "selected" in given:
            self._select.append(given.get("value") or "")
        elif tag == "option" and self._select is not None and len(self._select) == 1:
            self._select.append(given.get("value") or "")  # the first, until another is selected
        elif tag == "textarea":
            self.forms[-1].append((str(given["name"]), ""))
            self._area = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select is not None:
            self.forms[-1].append((self._select[0], self._select[-1]))
            self._select = None
        if tag == "textarea" and self._area is not None:
            name, _ = self.forms[-1].pop()
            self.forms[-1].append((name, self._area.removeprefix("\n")))
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area += data


def fill(text: str, changes: Mapping[str, str | list[str] | None]) -> dict[str, list[str]]:
    """The page's form with some fields typed over; None takes one out, a field it does not have is added."""
    found: dict[str, list[str]] = {}
    for name, value in Fields(text).sent:
        found.setdefault(name, []).append(value)
    for name, typed in changes.items():
        if typed is None:
            found.pop(name, None)
        else:
            found[name] = typed if isinstance(typed, list) else [typed]
    return found


@pytest.fixture
def press() -> Callable[..., Any]:
    """Open a page in a browser, type into its form, press a button, and return the answer."""

    def run(browser: Any, page: str, changes: Mapping[str, Any], do: str = "save", address: str = "") -> Any:
        opened = browser.get(page)
        assert opened.status_code == 200, opened.text
        form = fill(opened.text, {**changes, "do": do} if 'name="do"' in opened.text else changes)
        return browser.client.post(address or page.partition("?")[0], data=form, headers={"accept": "text/html"})

    return run
