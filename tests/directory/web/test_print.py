"""Pages on paper, in a real browser: nothing is cut off at the edge of the sheet."""

import re
from typing import Any

from directory.roles import Role
from directory.web.render import STATIC
from tests.directory.access.conftest import TO_ACCEPTED, Town, resource, town
from tests.directory.web.test_menu import _signed_in, address

__all__ = ["address", "resource", "town"]

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


def test_on_paper_nobody_is_led_to_what_can_only_be_pressed(
    chromium: Any, address: str, town: Town, resource: str
) -> None:
    town.bring_to(resource, *TO_ACCEPTED)
    page = _signed_in(chromium, address, town.people["reviewer"].actor.username)
    page.goto(f"{address}/supervision")
    assert "去督办" in page.inner_text("#items")
    page.emulate_media(media="print")
    words = page.inner_text("#items")
    assert "未督办" in words
    assert not re.search("去督办|立案|全部", words)
    page.context.close()


def test_a_column_of_buttons_is_off_the_paper_whole() -> None:
    """Its head is left out of the print in many tables; the cells below go with it."""
    for template in sorted((STATIC.parent / "templates").rglob("*.html")):
        for table in re.findall("<table.*?</table>", template.read_text(encoding="utf-8"), re.DOTALL):
            heads, cells = (len(re.findall(f"<{tag} [^>]*no-print", table)) for tag in ("th", "td"))
            assert (heads > 0) == (cells > 0), template.name
