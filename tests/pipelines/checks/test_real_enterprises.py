"""Real registrations with the faults that they were published with."""

import csv
import lzma
from pathlib import Path

import pytest

from metadata.resource import Item
from pipelines.checks.run import GreatExpectationsChecker
from tests.pipelines.checks.department import Department
from tests.sim.checker import settled

ENTERPRISES = Path(__file__).parents[4] / "shared" / "data" / "legal_persons" / "cn_enterprises_2003.csv.xz"


@pytest.mark.skipif(not ENTERPRISES.exists(), reason=f"{ENTERPRISES} is not here")
def test_real_enterprises(department: Department) -> None:
    """110,052 registrations of 2003: eleven codes fail the check digit, one code stands twice."""
    columns = ("jgmc", "tyshxydm", "clrq", "jglx", "zczb", "jyfw", "sf", "ds", "zs")
    department.run(f"CREATE TABLE enterprise ({', '.join(f'{name} text' for name in columns)})")
    with department.connection, department.connection.cursor() as cursor, lzma.open(ENTERPRISES) as file:
        cursor.copy_expert("COPY enterprise FROM STDIN WITH (FORMAT csv, HEADER)", file)
    items = (
        Item(name="机构名称", field="jgmc", length=200, is_nullable=False),
        Item(name="统一社会信用代码", field="tyshxydm", length=18, is_key=True, data_element="GB 32100"),
        Item(name="成立日期", field="clrq", type_code="D"),
        *(Item(name=name, field=name, type_code="M") for name in columns[3:]),
    )
    subject = department.subject(items, "SELECT * FROM enterprise")
    checked = settled(GreatExpectationsChecker(), subject)
    assert checked.report.rows == 110_052
    assert checked.report.set_aside == 13
    assert checked.holds == ()
    failed = {result.rule_id: result.failed for result in checked.report.results if not result.passed}
    assert failed == {"check_digit:tyshxydm": 11, "unique:tyshxydm": 2}
    with lzma.open(ENTERPRISES, "rt", encoding="utf-8", newline="") as file:
        codes = [row["统一社会信用代码"] for row in csv.DictReader(file)]
    named = department.left_behind(subject, checked)
    doubled = [code for code, rule_id in named if rule_id == "unique:tyshxydm"]
    assert len(named) == 13
    assert len(doubled) == 2
    assert len(set(doubled)) == 1
    assert codes.count(doubled[0]) == 2
