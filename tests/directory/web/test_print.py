"""Pages on paper, in a real browser: nothing is cut off at the edge of the sheet."""

from typing import Any

from directory.roles import Role
from tests.directory.web.test_menu import _signed_in, address, chromium

__all__ = ["address", "chromium"]

SIDEWAYS = {"width": 1017, "height": 673}  # A4 on its side without its margins, at 96 to the inch


def test_statistics_are_printed_sideways_with_all_their_columns(chromium: Any, address: str, city: Any) -> None:
    person = city.person(city.organisation(is_office=True), Role.OFFICE_APPROVER)
    page = _signed_in(chromium, address, person.actor.username, viewport=SIDEWAYS)
    page.goto(f"{address}/statistics")
    assert b"/MediaBox [0 0 841.91998 594.95996]" in page.pdf(prefer_css_page_size=True)
    page.emulate_media(media="print")
    cut = page.evaluate(
        "[...document.querySelectorAll('main table')].filter(each => each.getBoundingClientRect().right > innerWidth)"
        ".map(each => each.caption.textContent)"
    )
    assert cut == []
    page.context.close()
