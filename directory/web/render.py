"""Render a page: the template, what every page needs, and the form's CSRF token. No page has script or inline style."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from directory.actions import Action
from directory.actors import Actor
from directory.clock.deadlines import Calendar, day_of
from directory.clock.queries import calendar
from directory.clock.words import day_words, moment_words, stamp_words, term_words
from directory.http.forged import CSRF_FIELD, csrf_secret, csrf_token
from directory.libraries.names import LibraryLabels
from directory.notices.queries import unread
from directory.policy import allows
from directory.resources.states import STATUSES
from directory.web import labels
from directory.web.menu import menu, place
from metadata.score import score
from standards.crypto import digest_hex
from standards.errors import ExplainedError

STATIC: Final = Path(__file__).parent / "static"
_UNITS = ("B", "KB", "MB", "GB", "TB")
_STEP = 1024


def page(request: Request, template: str, *, status_code: int = 200, **context: Any) -> HTMLResponse:
    """The template filled in; everything in ``context`` is escaped. The signed-in actor is known without being given.

    Besides, templates have ``today`` (Shanghai's), ``days_left(day)``, ``can("subject:action")`` for the actor's own
    organisation, ``csrf_field`` for forms, the filters below and the tables of ``labels``.
    """
    now = datetime.now(UTC)
    actor: Actor | None = getattr(request.state, "actor", None)
    field = Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, csrf_token(csrf_secret(request)))
    given = {
        "city_name": request.app.state.settings.city_name,
        "csrf_field": field,
        "actor": actor,
        "unread": _unread(request, actor),
        "menu": menu(actor) if actor else (),
        "place_of": lambda section: place(request.scope.get("path", "/"), request.query_params.get("tab", ""), section),
        "LIBRARIES": LibraryLabels(request.app.state.engine),
        "can": _can(actor),
        "days_left": _days_left(request, day_of(now)),
        "now": now,
        "today": day_of(now),
    }
    return HTMLResponse(_environment().get_template(template).render(given | context), status_code)


def page_after(request: Request, template: str, error: ExplainedError | None, **context: Any) -> HTMLResponse:
    """The page after something was sent to it: what was refused as ``problem``, with its status; else with 200.

    ``faults``, where the page has any, are what is wrong with single fields: 422, unless the refusal says otherwise.
    Where the refusal itself is about one field and is said beside it, that is a ``form_page``.
    """
    status_code = error.status if error else 422 if context.get("faults") else 200
    return page(request, template, status_code=status_code, problem=error.problem() if error else None, **context)


def form_page(
    request: Request, template: str, faults: Mapping[str, str] | None, status: int = 422, **context: Any
) -> HTMLResponse:
    """A form with a sentence for each field that is wrong, and the status of that; with 200 where nothing is."""
    return page(request, template, status_code=status if faults else 200, faults=faults or {}, **context)


def number(value: int | None) -> str:
    """1,204; an absent number is a dash, never nothing."""
    return "–" if value is None else f"{value:,}"


def size(value: int | None) -> str:
    """Bytes in the largest unit that leaves at least one: 41.2 MB."""
    if value is None:
        return "–"
    amount, unit = float(value), 0
    while amount >= _STEP and unit < len(_UNITS) - 1:
        amount, unit = amount / _STEP, unit + 1
    return f"{amount:.1f} {_UNITS[unit]}" if unit else f"{value} B"


def seconds(milliseconds: int | None) -> str:
    """A duration: 0.8 秒, 4 分 05 秒."""
    if milliseconds is None:
        return "–"
    whole = round(milliseconds / 1000)
    return f"{whole // 60} 分 {whole % 60:02d} 秒" if whole >= 60 else f"{milliseconds / 1000:.1f} 秒"


def label_of(code: str, table: Mapping[str, str]) -> str:
    """A code's label, for mapping over lists; an unlisted code is shown as it is, never dropped."""
    return table.get(code, code)


@pass_context
def day(context: Context, value: date | None) -> str:
    """11-20 within the year, 2026-11-20 elsewhere."""
    return "–" if value is None else day_words(value, context["today"])


@pass_context
def moment(context: Context, value: datetime | None) -> str:
    """The same with the minute, on Shanghai's clock; 今天 where it is."""
    if value is None:
        return "–"
    words = moment_words(value, context["today"])
    return f"今天 {words[-5:]}" if day_of(value) == context["today"] else words


def stamp(value: datetime | None) -> str:
    """2026-11-20 10:20 on Shanghai's clock: what stands on paper is read on another day."""
    return "–" if value is None else stamp_words(value)


@cache
def asset(name: str) -> str:
    """The address of a static file, with its digest, so that a changed one is fetched anew."""
    return f"/static/{name}?v={digest_hex((STATIC / name).read_bytes())[:12]}"


def _unread(request: Request, actor: Actor | None) -> int:
    """How many notices wait, in the request's own transaction; none on a page of an error, where it is over."""
    session = getattr(request.state, "session", None)
    return unread(session, actor) if session is not None and actor is not None else 0


def _days_left(request: Request, today: date) -> Callable[[date], str]:
    """还有 4 个工作日, for pages that list what has a day; the calendar is read when first asked for."""

    @cache
    def days() -> Calendar:
        return calendar(request.state.session)

    return lambda due_on: term_words(due_on, today, days())


def _can(actor: Actor | None) -> Callable[[str], bool]:
    def can(action: str) -> bool:
        return actor is not None and allows(actor, Action(action), actor.org_code)

    return can


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters |= {"number": number, "size": size, "seconds": seconds, "label_of": label_of}
    made.filters |= {"day": day, "moment": moment, "stamp": stamp}
    made.globals |= {"asset": asset, "score_of": score, "STATUSES": STATUSES} | {
        name: value for name, value in vars(labels).items() if name.isupper()
    }
    return made
