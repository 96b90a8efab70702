"""Which parts of a request somebody's words name."""

import pytest

from directory.access.said import PART_NAMES, Part, parts_named

NESTED = {Part.SCENARIO: "用途", Part.SCOPE: "使用用途", Part.BASIS: "使用用途的依据"}


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("用途如此", {Part.SCENARIO}),
        ("使用用途就是这一项", {Part.SCOPE}),
        ("使用用途的依据没有变", {Part.BASIS}),
        ("用途、使用用途的依据", {Part.SCENARIO, Part.BASIS}),
        ("使用用途和用途", {Part.SCENARIO, Part.SCOPE}),
        ("已补齐", set()),
    ],
)
def test_a_name_within_another_is_the_other(words: str, named: set[Part]) -> None:
    for names in (NESTED, dict(reversed(NESTED.items()))):
        assert parts_named(words, names) == named


def test_every_part_is_named_by_its_name() -> None:
    assert parts_named("；".join(PART_NAMES.values())) == set(Part)
    for part, name in PART_NAMES.items():
        assert parts_named(f"{name}：就是这一项") == {part}
