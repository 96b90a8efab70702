"""The accounts that the demo names first: they are there, and hold what is said of them."""

from hutong.demo.city import EVERYBODY
from hutong.demo.tour import TOUR, tour_lines


def test_whoever_is_named_first_lives_in_the_city() -> None:
    accounts = {f"{each.name}.{person.suffix}" for each in EVERYBODY for person in each.people}
    lines = list(tour_lines())
    assert [line.split()[0] for line in lines] == [department.username(role) for department, role, _ in TOUR]
    assert {line.split()[0] for line in lines} <= accounts
    assert len({line.split()[0] for line in lines}) == len(TOUR)
