"""The forms of the pages as a browser would send them: read from the pages themselves, with what stands in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

_NOT_SENT = frozenset({"submit", "button", "reset", "image", "file"})
_TICKED = frozenset({"checkbox", "radio"})


@dataclass
class Shown:
    """A form on a page. ``fields`` are the pairs it would send, ``buttons`` what its buttons add.

    ``written`` are the names of the fields somebody types into, ``choices`` what can be chosen.
    """

    action: str = ""
    method: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)

    def values(self, name: str) -> list[str]:
        return [value for each, value in self.fields if each == name]


def forms(text: str, address: str) -> Sequence[Shown]:
    """The forms of a page that was got at this address."""
    reader = _Reader(address)
    reader.feed(text)
    reader.close()
    elsewhere = [replace(form, action=action) for form, action in reader.elsewhere]
    return [*reader.found, *elsewhere]


def posted(found: Sequence[Shown]) -> Iterator[Shown]:
    """Those that have an effect."""
    return (each for each in found if each.method == "post")


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Shown] = []
        self.elsewhere: list[tuple[Shown, str]] = []
        self._address = address
        self._form: Shown | None = None
        self._by_id: dict[str, Shown] = {}
        self._area: tuple[Shown, str] | None = None
        self._text = ""
        self._select: tuple[Shown, str] | None = None
        self._first: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = self._named(given["id"]) if "id" in given else Shown()
            self._form.action = self._path(given.get("action", ""))
            self._form.method = given.get("method", "get").lower()
            self.found.append(self._form)
            return
        form = self._named(given["form"]) if "form" in given else self._form
        if form is not None and "formaction" in given:  # the same fields, sent elsewhere
            self.elsewhere.append((form, self._path(given["formaction"])))
        if form is None or ("name" not in given and tag != "option"):
            return
        if tag == "input":
            self._input(form, given)
        elif tag == "button":
            form.buttons.append((given["name"], given.get("value", "")))
        elif tag == "textarea":
            self._area, self._text = (form, given["name"]), ""
        elif tag == "select":
            self._select, self._first = (form, given["name"]), None
            form.names.add(given["name"])
            form.choices[given["name"]] = []
        elif tag == "option" and self._select is not None:
            self._option(given)

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._area is not None:
            form, name = self._area
            form.fields.append((name, self._text.removeprefix("\n")))
            form.names.add(name)
            form.written.add(name)
            self._area = None
        elif tag == "select" and self._select is not None:
            form, name = self._select
            if self._first is not None and name not in dict(form.fields):
                form.fields.append((name, self._first))
            self._select = None

    def _named(self, name: str) -> Shown:
        """A control may stand before the form that it belongs to."""
        return self._by_id.setdefault(name, Shown())

    def _path(self, action: str) -> str:
        return urlsplit(urljoin(self._address, action)).path

    def _input(self, form: Shown, given: Mapping[str, str]) -> None:
        kind, name = given.get("type", "text"), given["name"]
        if kind == "file":
            form.files.append(name)
        if kind in _NOT_SENT:
            return
        form.names.add(name)
        if kind not in _TICKED or "checked" in given:
            form.fields.append((name, given.get("value", "on" if kind in _TICKED else "")))
        if kind not in _TICKED | {"hidden", "password"}:  # a password is never said again
            form.written.add(name)

    def _option(self, given: Mapping[str, str]) -> None:
        assert self._select is not None
        form, name = self._select
        value = given.get("value", "")
        form.choices[name].append(value)
        self._first = value if self._first is None else self._first
        if "selected" in given:
            form.fields.append((name, value))
