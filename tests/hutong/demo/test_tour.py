"""The accounts that the demo names first: they are there, and hold what is said of them."""

import re
from datetime import timedelta
from pathlib import Path

from directory.nodes.lines import SILENT_AFTER
from hutong.demo.city import EVERYBODY
from hutong.demo.tour import TOUR, tour_lines

WORK_ORDERS = Path(__file__).parents[3] / "pipelines" / "dags" / "work_orders.py"


def test_whoever_is_named_first_lives_in_the_city() -> None:
    accounts = {f"{each.name}.{person.suffix}" for each in EVERYBODY for person in each.people}
    lines = list(tour_lines())
    assert [line.split()[0] for line in lines] == [department.username(role) for department, role, _ in TOUR]
    assert {line.split()[0] for line in lines} <= accounts
    assert len({line.split()[0] for line in lines}) == len(TOUR)


def test_the_demos_nodes_call_often_enough_not_to_be_called_silent() -> None:
    """Airflow's work orders keep them in touch as long as the demo serves; one turn left out is no silence."""
    minutes = re.search(r'CronTriggerTimetable\("\*/(\d+) \* \* \* \*"', WORK_ORDERS.read_text("utf-8"))
    assert minutes
    assert 2 * timedelta(minutes=int(minutes[1])) < SILENT_AFTER
