"""The boxes of divisions: the nearest that is known, each inside the one above it."""

import pytest

from standards import regions
from standards.codes import rows
from standards.extents import box_around


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("33", "330000"),
        ("3301", "330100"),
        ("330106", "330106"),
        ("330106001", "330106"),
        ("330106001002", "330106"),
        ("440305", "440300"),  # of Guangdong the counties are not there
        ("429004", "429004"),  # right below its province
        ("339999", "330000"),
        ("000000", None),
        ("990000", None),
        ("", None),
    ],
)
def test_the_nearest_division_with_a_box_is_taken(code: str, found: str | None) -> None:
    box = box_around(code)
    assert (box[0] if box else None) == found


def test_every_box_is_one_of_a_known_region_and_lies_in_the_one_above_it() -> None:
    for row in rows("gbt2260-extents"):
        code = row["code"]
        assert regions.region(code) is not None, code
        _, (west, south, east, north) = box_around(code) or ("", (0.0, 0.0, 0.0, 0.0))
        assert 73 <= west < east <= 136, code
        assert 3 <= south < north <= 54, code
        if code[2:] != "0000":
            above = box_around(regions.ancestors(code)[0])
            assert above is not None
            box = above[1]
            assert box.west - 0.02 <= west, code
            assert east <= box.east + 0.02, code
            assert box.south - 0.02 <= south, code
            assert north <= box.north + 0.02, code
