"""The checker on real tables: planted faults named exactly, one snapshot, no values, no pass for what was not seen."""

import psycopg2
import pytest
from psycopg2 import sql
from psycopg2.extras import execute_values
from sqlalchemy import Engine, event

from exchange.ports import Checker, CheckSubject
from metadata.quality import Place, rules_of
from metadata.resource import Item
from pipelines.checks.limits import Limits
from pipelines.checks.loading import load_validation
from pipelines.checks.run import GreatExpectationsChecker
from pipelines.errors import PipelinesError
from standards.check_digits import id_check_character
from tests.pipelines.checks.department import Department
from tests.sim.checker import settled

CANARY = "赵钱孙李周吴郑王"
PEOPLE = (
    Item(name="公民身份号码", field="gmsfhm", length=18, is_key=True, is_nullable=False, data_element="GB 11643"),
    Item(name="姓名", field="xm", length=20, is_nullable=False),
    Item(name="出生日期", field="csrq", type_code="D"),
    Item(name="民族代码", field="mzdm", code_table="GB/T 3304"),
    Item(name="缴费金额", field="jfje", type_code="Y", length=8, precision=2),
)


@pytest.fixture
def people(department: Department) -> Department:
    """1,998 sound people of region 99, as text but for the amount."""
    department.run("CREATE TABLE people (gmsfhm text, xm text, csrq text, mzdm text, jfje numeric)")
    bodies = [f"{region}19800101{n:03}" for region in ("990101", "990102") for n in range(1, 1000)]
    rows = [(body + id_check_character(body), f"居民{n}", "19800101", "01", f"{n}.25") for n, body in enumerate(bodies)]
    with department.connection, department.connection.cursor() as cursor:
        execute_values(cursor, "INSERT INTO people VALUES %s", rows)
    return department


def _failed(checker: Checker, subject: CheckSubject) -> dict[str, int]:
    return {result.rule_id: result.failed for result in settled(checker, subject).report.results if not result.passed}


SELECT = "SELECT gmsfhm, xm, csrq, mzdm, jfje FROM people"


def _plant(people: Department) -> dict[str, str]:
    """Six kinds of faults, one row each (the doubled key makes two); returns key -> rule."""
    with people.connection, people.connection.cursor() as cursor:
        cursor.execute("SELECT gmsfhm FROM people ORDER BY gmsfhm LIMIT 5 OFFSET 10")
        keys = [key for (key,) in cursor.fetchall()]
        changes = ["csrq = '19800230'", "jfje = 1234567.125", "mzdm = '99'", "xm = NULL"]
        for key, change in zip(keys, changes, strict=False):
            cursor.execute(f"UPDATE people SET {change} WHERE gmsfhm = %s", (key,))
        cursor.execute("INSERT INTO people SELECT * FROM people WHERE gmsfhm = %s", (keys[4],))
        cursor.execute("INSERT INTO people VALUES ('990101198001019999', %s, '19800101', '01', 1)", (CANARY,))
    rules = ["type:csrq", "length:jfje", "code:mzdm", "not_null:xm", "unique:gmsfhm"]
    return {**dict(zip(keys, rules, strict=True)), "990101198001019999": "check_digit:gmsfhm"}


def test_sound_rows_pass(people: Department) -> None:
    checked = settled(GreatExpectationsChecker(), people.subject(PEOPLE, SELECT))
    assert checked.holds == ()
    assert checked.set_aside is None
    assert checked.report.rows == 1998
    assert checked.report.run == checked.report.passed == len(rules_of(PEOPLE))
    assert checked.report.engine.startswith("great_expectations 1.24")


def test_six_kinds_of_faults_are_named_exactly(people: Department) -> None:
    expected = _plant(people)
    subject = people.subject(PEOPLE, SELECT)
    checked = settled(GreatExpectationsChecker(), subject)
    counts = {result.rule_id: result.failed for result in checked.report.results if result.failed}
    assert counts == {
        "check_digit:gmsfhm": 1,
        "type:csrq": 1,
        "length:jfje": 1,
        "code:mzdm": 1,
        "not_null:xm": 1,
        "unique:gmsfhm": 2,
        "set_aside_share": 7,
    }
    assert checked.holds == ("set_aside_share",)  # 7 of 2,000 rows are more than 0.1 %
    named = people.left_behind(subject, checked)
    assert sorted(named) == sorted(
        [*expected.items(), *(item for item in expected.items() if item[1] == "unique:gmsfhm")]
    )
    assert checked.set_aside is not None
    with people.connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT count(*), count(*) FILTER (WHERE {0}), count({0}) FROM ({1}) AS r").format(
                checked.set_aside, subject.relation
            )
        )
        assert cursor.fetchone() == (2000, 7, 2000)


def test_reports_and_errors_hold_no_values(people: Department, caplog: pytest.LogCaptureFixture) -> None:
    _plant(people)
    checked = settled(GreatExpectationsChecker(), people.subject(PEOPLE, SELECT))
    assert CANARY not in checked.report.to_bytes().decode()
    assert CANARY not in caplog.text
    relation = f"SELECT gmsfhm, xm, csrq, mzdm, (xm || '{CANARY}')::numeric AS jfje FROM people"
    with pytest.raises(PipelinesError) as caught:
        settled(GreatExpectationsChecker(), people.subject(PEOPLE, relation))
    assert caught.value.code == "CHECK_FAILED"
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("failure", [f"('{CANARY}' || n)::int::text", f"'{CANARY}' || pg_sleep(30)::text"])
def test_what_fails_inside_great_expectations_is_not_quoted(
    department: Department, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], failure: str
) -> None:
    """The relation fails only where Great Expectations reads it: with a value in the message, or in the statement."""
    relation = (
        f"SELECT CASE WHEN current_query() LIKE '%unexpected' || '_count%' THEN {failure} ELSE '1' END AS xm"
        " FROM generate_series(1, 3) AS n"
    )
    subject = department.subject((Item(name="数", field="xm", type_code="I"),), relation)
    with pytest.raises(PipelinesError) as caught:
        settled(GreatExpectationsChecker(Limits(statement_seconds=1)), subject)
    assert caught.value.code == "CHECK_FAILED"
    assert CANARY not in str(caught.value) + caplog.text + "".join(capfd.readouterr())


def test_what_only_great_expectations_finds_is_a_disagreement(department: Department) -> None:
    """Our count finds no broken row anywhere; its own statements must not find one in the rows they are shown."""
    relation = (
        "SELECT CASE WHEN current_query() LIKE '%unexpected' || '_count%' THEN 'x' ELSE '1' END AS xm"
        " FROM generate_series(1, 3) AS n"
    )
    with pytest.raises(PipelinesError) as caught:
        settled(GreatExpectationsChecker(), department.subject((Item(name="数", field="xm", type_code="I"),), relation))
    assert caught.value.code == "CHECK_DISAGREES"


def test_no_row_is_fetched(people: Department) -> None:
    """Great Expectations would read all rows for the columns' types, and samples of those that are broken."""
    _plant(people)
    load_validation()  # where it is loaded, nothing is started: then its statements can be seen from here
    fetched = []

    def note(connection: object, cursor: psycopg2.extensions.cursor, *_: object) -> None:
        fetched.append((cursor.rowcount, cursor.query))

    event.listen(Engine, "after_cursor_execute", note)
    try:
        checked = settled(GreatExpectationsChecker(), people.subject(PEOPLE, SELECT))
    finally:
        event.remove(Engine, "after_cursor_execute", note)
    assert checked.report.set_aside == 7
    assert fetched
    assert [query for rows, query in fetched if rows > 1] == []


def test_a_row_that_breaks_two_rules_is_one_row(people: Department) -> None:
    people.run(
        "UPDATE people SET mzdm = 'XX', csrq = 'x' WHERE ctid IN (SELECT ctid FROM people ORDER BY gmsfhm LIMIT 3)"
    )
    people.run("UPDATE people SET xm = NULL WHERE ctid IN (SELECT ctid FROM people WHERE mzdm = 'XX' LIMIT 1)")
    failed = _failed(GreatExpectationsChecker(), people.subject(PEOPLE, SELECT))
    assert failed == {"code:mzdm": 3, "type:csrq": 3, "not_null:xm": 1, "set_aside_share": 3}


def test_a_key_that_an_index_keeps_is_said_to_be_so(people: Department) -> None:
    before = settled(GreatExpectationsChecker(), people.subject(PEOPLE, SELECT)).report
    people.run("ALTER TABLE people ADD PRIMARY KEY (gmsfhm)")
    after = settled(GreatExpectationsChecker(), people.subject(PEOPLE, SELECT)).report
    assert "index" not in before.engine
    assert after.engine == f"{before.engine}; unique:gmsfhm by index"
    assert after.results == before.results


def test_a_wide_table(department: Department) -> None:
    """More rules than one SELECT has columns for."""
    items = tuple(Item(name=f"第{n}列", field=f"c{n}", type_code="I", is_nullable=False) for n in range(210))
    relation = f"SELECT {', '.join(f'n AS c{n}' for n in range(210))} FROM generate_series(1, 3) AS n"
    assert settled(GreatExpectationsChecker(), department.subject(items, relation)).report.passed == 421


@pytest.mark.parametrize(("planted", "is_held"), [(1, False), (2, True)])
def test_above_one_in_a_thousand_holds(people: Department, planted: int, is_held: bool) -> None:
    people.run("UPDATE people SET mzdm = 'XX' WHERE ctid IN (SELECT ctid FROM people LIMIT %(n)s)", {"n": planted})
    checked = settled(GreatExpectationsChecker(), people.subject(PEOPLE, SELECT))
    assert checked.report.set_aside == planted
    assert checked.holds == (("set_aside_share",) if is_held else ())


def test_on_staging_every_failure_holds(people: Department) -> None:
    people.run("UPDATE people SET mzdm = 'XX' WHERE ctid IN (SELECT ctid FROM people LIMIT 1)")
    checked = settled(GreatExpectationsChecker(), people.subject(PEOPLE, SELECT, place="staging"))
    assert checked.holds == ("code:mzdm",)
    assert checked.set_aside is None
    assert checked.report.set_aside == 0


def test_an_uncertain_table_counts_and_stops_nothing(department: Department) -> None:
    department.run("CREATE TABLE org AS SELECT 'ZZ' AS jglx FROM generate_series(1, 10)")
    items = (Item(name="机构类型", field="jglx", code_table="GB/T 20091"),)
    places: tuple[Place, ...] = ("source", "staging")
    for place in places:
        checked = settled(GreatExpectationsChecker(), department.subject(items, "SELECT jglx FROM org", place=place))
        assert checked.report.results[0].failed == 10
        assert (checked.holds, checked.set_aside) == ((), None)


def test_an_empty_table_holds_where_rows_were_expected(department: Department) -> None:
    department.run("CREATE TABLE empty (xm text)")
    items = (Item(name="姓名", field="xm", is_nullable=False),)
    checker = GreatExpectationsChecker()
    checked = settled(checker, department.subject(items, "SELECT xm FROM empty", rules=rules_of(items, min_rows=1)))
    assert checked.holds == ("row_count",)
    checked = settled(checker, department.subject(items, "SELECT xm FROM empty"))
    assert (checked.holds, checked.report.rows) == ((), 0)


def test_a_table_of_nulls_breaks_only_not_null(people: Department) -> None:
    people.run("UPDATE people SET gmsfhm = NULL, csrq = NULL, mzdm = NULL, jfje = NULL")
    failed = _failed(GreatExpectationsChecker(), people.subject(PEOPLE, SELECT))
    assert failed == {"not_null:gmsfhm": 1998, "set_aside_share": 1998}


def test_keys_of_several_columns(department: Department) -> None:
    department.run(
        """
        CREATE TABLE observation (zb text, dq text, bz float8);
        INSERT INTO observation VALUES ('a', '1', 1), ('a', '2', 2), ('a', '1', 3), (NULL, '1', 4), (NULL, '1', 5)
        """
    )
    items = (
        Item(name="指标", field="zb", is_key=True),
        Item(name="地区", field="dq", is_key=True),
        Item(name="数值", field="bz", type_code="B"),
    )
    subject = department.subject(items, "SELECT zb, dq, bz FROM observation")
    checker = GreatExpectationsChecker()
    assert _failed(checker, subject) == {"not_null:zb": 2, "unique:zb:dq": 2, "set_aside_share": 4}


def test_values_of_native_types(department: Department) -> None:
    """Great Expectations sees these as text, our predicates as what they are: they agree, or the check would raise."""
    department.run(
        """
        CREATE TABLE native (d date, t timestamp, z timestamptz, n numeric, f float4, i bigint, l boolean, c char(6));
        INSERT INTO native VALUES
          ('2024-02-29', '2024-02-29 12:00:00.5', '1900-01-01 00:00+08', 1.50, 0.1, 7, true, '01'),
          ('infinity', '-infinity', 'infinity', 'NaN', 'Infinity', -7, false, '02'),
          ('0044-03-15 BC', '20000-01-01', '0001-01-01 00:00+08', 'Infinity', '1e30', 0, NULL, '03'),
          ('9999-12-31', '9999-12-31 23:59:59', '9999-12-31 23:59:59.999999+00', -0.001, '-0', 1, true, NULL),
          (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
        """
    )
    items = (
        *(Item(name=letter, field=letter.lower(), type_code=letter) for letter in ("D", "T", "I", "L", "F")),
        Item(name="时刻", field="z", type_code="T"),
        Item(name="数值", field="n", type_code="N", length=2, precision=2),
        Item(name="民族", field="c", length=2, code_table="GB/T 3304"),
    )
    failed = _failed(GreatExpectationsChecker(), department.subject(items, "SELECT * FROM native"))
    assert failed == {
        "type:d": 2,
        "type:t": 2,
        "type:f": 1,
        "type:z": 2,
        "type:n": 2,
        "length:n": 1,
        "set_aside_share": 3,
    }


def test_only_the_snapshot_is_seen(people: Department) -> None:
    with people.connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot_id,) = cursor.fetchone() or ("",)
    other = psycopg2.connect(people.dsn.replace("+psycopg2", ""))
    with other, other.cursor() as cursor:
        cursor.execute("UPDATE people SET mzdm = 'XX'")
    other.close()
    checker = GreatExpectationsChecker()
    assert settled(checker, people.subject(PEOPLE, SELECT, snapshot_id=snapshot_id)).report.passed == 11
    assert _failed(checker, people.subject(PEOPLE, SELECT))["code:mzdm"] == 1998


def test_a_filter_with_signs_of_other_languages_is_left_as_it_is(people: Department) -> None:
    """Percent, colon, brace and backslash mean something to the layers below Great Expectations."""
    odd = "a%b {c} :d \\e %s 'f'"
    people.run(
        "UPDATE people SET xm = %(odd)s, mzdm = 'XX' WHERE ctid IN (SELECT ctid FROM people LIMIT 3)", {"odd": odd}
    )
    relation = sql.SQL("SELECT gmsfhm AS gmsfhm, xm AS {}, mzdm FROM people WHERE xm IN ({}, '甲')").format(
        sql.Identifier('姓 % : {名} "x"'), sql.Literal(odd)
    )
    items = (
        Item(name="姓名", field='姓 % : {名} "x"', length=20),
        Item(name="民族", field="mzdm", code_table="GB/T 3304"),
        Item(name="号码", field="gmsfhm", data_element="GB 11643", is_key=True),
    )
    checked = settled(GreatExpectationsChecker(), people.subject(items, relation))
    assert checked.report.rows == 3
    assert checked.report.set_aside == 3


def test_what_changes_while_it_is_checked_is_not_passed(department: Department) -> None:
    relation = "SELECT CASE WHEN random() < 0.5 THEN 'x' ELSE '1' END AS xm FROM generate_series(1, 4001)"
    with pytest.raises(PipelinesError) as caught:
        settled(GreatExpectationsChecker(), department.subject((Item(name="数", field="xm", type_code="I"),), relation))
    assert caught.value.code == "CHECK_DISAGREES"


def test_a_missing_column_is_named(people: Department) -> None:
    with pytest.raises(PipelinesError) as caught:
        settled(GreatExpectationsChecker(), people.subject(PEOPLE, "SELECT gmsfhm, xm, csrq, jfje FROM people"))
    assert caught.value.code == "CHECK_COLUMNS"
    assert "mzdm" in str(caught.value)


def test_a_check_ends_in_time(department: Department) -> None:
    items = (Item(name="姓名", field="xm", is_nullable=False),)
    checker = GreatExpectationsChecker(Limits(statement_seconds=1))
    with pytest.raises(PipelinesError) as caught:
        settled(checker, department.subject(items, "SELECT pg_sleep(30)::text AS xm"))
    assert caught.value.code == "CHECK_UNREACHABLE"
    assert caught.value.is_transient
