"""What pages show of dates, numbers and text."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from jinja2 import Environment
from jinja2.runtime import Context
from starlette.requests import Request

from directory.clock.deadlines import Calendar, Due
from directory.clock.words import drawn_days
from directory.errors import DirectoryError
from directory.web.render import (
    _environment,
    asset,
    day,
    label_of,
    moment,
    number,
    page,
    page_after,
    seconds,
    size,
    stamp,
)


@pytest.fixture
def request_of(directory_app: FastAPI) -> Request:
    return Request({"type": "http", "app": directory_app, "headers": [], "state": {}})


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (number(1204), "1,204"),
        (number(None), "–"),
        (size(None), "–"),
        (size(1023), "1023 B"),
        (size(1024), "1.0 KB"),
        (size(43_201_536), "41.2 MB"),
        (size(5 * 1024**5), "5120.0 TB"),
        (seconds(None), "–"),
        (seconds(840), "0.8 秒"),
        (seconds(245_000), "4 分 05 秒"),
        (seconds(59_960), "1 分 00 秒"),
        (label_of("daily", {"daily": "每日"}), "每日"),
        (label_of("unlisted", {}), "unlisted"),
    ],
)
def test_values_are_written_for_people(shown: str, expected: str) -> None:
    assert shown == expected


def test_days_and_moments_are_of_shanghai() -> None:
    at, on = datetime(2025, 12, 31, 16, 30, tzinfo=UTC), date(2025, 12, 31)  # at is half past midnight in Shanghai
    new_year, march = _context(date(2026, 1, 1)), _context(date(2026, 3, 1))
    assert (moment(new_year, at), day(new_year, on)) == ("今天 00:30", "2025-12-31")
    assert (moment(march, at), day(march, on)) == ("01-01 00:30", "2025-12-31")
    assert (moment(march, None), day(march, None)) == ("–", "–")
    assert (stamp(at), stamp(None)) == ("2026-01-01 00:30", "–"), "paper is read on another day"


def _context(today: date) -> Context:
    return Environment(autoescape=True).from_string("").new_context({"today": today})


def test_everything_given_is_escaped(request_of: Request) -> None:
    problem = {"detail": "<script>alert(1)</script>", "next_step": '"><img src=x>', "code": "X&Y", "status": 409}
    body = bytes(page(request_of, "error.html", problem=problem).body).decode()
    assert "<script>" not in body
    assert "<img" not in body
    assert "&lt;script&gt;" in body
    assert "X&amp;Y" in body


def test_a_static_file_is_named_by_its_content() -> None:
    assert asset("tokens.css").startswith("/static/tokens.css?v=")


@pytest.mark.parametrize("is_refused", [False, True])
@pytest.mark.parametrize("faults", [{}, {"basis": "没有填"}])
def test_a_page_after_a_refusal_has_its_status(request_of: Request, is_refused: bool, faults: dict[str, str]) -> None:
    error = DirectoryError("NODE_REVOKED", node_id="n") if is_refused else None
    response = page_after(request_of, "refused_form.html", error, action="/", others=(), wrong=(), faults=faults)
    assert response.status_code == (403 if is_refused else 422 if faults else 200)


def test_a_day_of_another_year_is_drawn_with_its_year_apart() -> None:
    drawn = drawn_days(
        Due(date(2026, 12, 30), 1, date(2026, 12, 31)),
        date(2026, 12, 30),
        Calendar(frozenset(), frozenset(), frozenset()),
    )
    macros: Any = _environment().get_template("components.html").module
    cells = macros.day_cells(drawn, "期限")
    assert "<b>12-31</b>截止" in cells
    assert "<small>2027</small><b>01-01</b>起超期" in cells


def test_no_browser_cuts_off_what_is_written_into_a_field_of_several_lines() -> None:
    """Its ``maxlength`` would take the end of a pasted text away without a word, and count rare characters twice: how
    long it is, and how long it may be, is said by the form's answer.
    """
    loader = _environment().loader
    assert loader is not None
    sources = {name: loader.get_source(_environment(), name)[0] for name in loader.list_templates()}
    areas = [(name, tag) for name, text in sources.items() for tag in re.findall(r"<textarea\b[^>]*", text)]
    assert len(areas) > 40
    assert [(name, tag) for name, tag in areas if "maxlength" in tag] == []
