"""Accept headers: weights, wildcards, what names a type most exactly, and what nobody can serve."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.resolve.negotiate import preferred

OFFERED = ("application/json", "text/html", "application/xml", "text/turtle")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("*", "application/json"),
        ("text/*", "text/html"),
        ("application/*;q=0.5, text/turtle;q=0.6", "text/turtle"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/html;q=0, */*;q=0.1", "application/json"),
        ("text/html;q=0, text/*", "text/turtle"),
        ("TEXT/Turtle; charset=utf-8; Q=0.3", "text/turtle"),
        ("application/xml, application/json;q=0.999", "application/xml"),
        ("image/png", None),
        ("text/html;q=0", None),
        ("text/html;q=2, application/xml;q=0.1", "application/xml"),
        ("nonsense", None),
    ],
)
def test_the_heaviest_form_is_chosen(accept, chosen):
    assert preferred(accept, OFFERED) == chosen


@given(st.text(alphabet="/*;=q,. 01atexhml", max_size=60))
def test_no_header_breaks_it(accept):
    assert preferred(accept, OFFERED) in {None, *OFFERED}
