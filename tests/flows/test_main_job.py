"""The main job, from one department's table to another's, as the demo's report and its databases show it."""

import itertools
import json
from pathlib import Path

from hutong.demo.catalogue import ENTRIES, RESIDENTS
from hutong.demo.faults import planted
from hutong.demo.persons import _persons
from hutong.demo.setting_up import SEED
from tests.flows.conftest import City
from tests.sim import canaries


def test_report_has_what_the_design_promises(city: City) -> None:
    report = city.report
    assert report["departments"] >= 7
    assert report["resources"]["published"] == len(ENTRIES)
    assert set(report["resources"]["by_library"]) == {"population", "legal_person", "geospatial", "statistics"}
    assert (report["requests"], report["grants"], len(report["batches"])) == (4, 4, 4)
    assert report["reconciled"] is True
    assert report["audit"]["verified"] is True
    assert report["audit"]["size"] > 100
    for batch in report["batches"]:
        suite = "0x02" if batch["resource"] == RESIDENTS.title else "0x01"  # personal data of grade 3 ask for it
        assert (batch["state"], batch["suite"], batch["is_equal"]) == ("closed", suite, True)
        assert 0 < batch["checks"]["passed"] <= batch["checks"]["run"]


def test_both_ends_have_signed_that_they_agree_and_a_sheet_says_so(city: City) -> None:
    compared = city.report["reconciliations"]
    assert [(each["outcome"], each["code"]) for each in compared] == [("equal", "")] * 4
    for each in compared:
        assert each["resource"] in city.hutong("exchange", "sheet", "--verify", each["sheet"]).stdout


def test_every_batch_ran_in_a_successful_airflow_run(city: City) -> None:
    runs = {batch["airflow_run"] for batch in city.report["batches"]}
    assert all(runs)
    with city.database("airflow") as cursor:
        cursor.execute("SELECT run_id, state FROM dag_run WHERE run_id = ANY(%s)", (list(runs),))
        assert dict(cursor.fetchall()) == dict.fromkeys(runs, "success")
        cursor.execute("SELECT count(*) FROM task_instance WHERE run_id = ANY(%s) AND state = 'success'", (list(runs),))
        assert cursor.fetchone()[0] >= 3 * len(city.report["batches"])  # sent, received, closed


def test_exactly_the_planted_faults_stay_behind(city: City) -> None:
    faults = planted(_persons(SEED, 50_000))
    batch = city.batch(RESIDENTS.title)
    with city.database("dept_gongan") as cursor:
        cursor.execute(
            "SELECT row_key ->> 'id_number', rule_ids FROM hutong.set_aside WHERE route_id = %s AND seq = %s",
            (batch["route"], batch["seq"]),
        )
        listed = cursor.fetchall()
    assert {key: [rule_id.partition(":")[0] for rule_id in rule_ids] for key, rule_ids in listed} == {
        key: [kind] for kind, keys in faults.items() for key in keys
    }
    assert len(faults) == 6
    assert len(listed) == batch["set_aside"] == 14  # two keys stand twice
    assert batch["rows"] == 50_002 - 14


def test_the_provider_is_told_why_rows_stayed_behind(city: City) -> None:
    batch = city.batch(RESIDENTS.title)
    asked = ("exchange", "set-aside", batch["route"], str(batch["seq"]), "--node", "gongan")
    rows = json.loads(city.hutong(*asked, "--json").stdout)["rows"]
    assert len(rows) == 14
    assert all(set(row["row_key"]) == {"id_number"} and row["rules"] for row in rows)
    text = city.hutong(*asked).stdout
    assert "\tnot_null:name\t“姓名”必填，不能为空\n" in text
    assert text.endswith("单列 14 行\n")
    refused = city.hutong(*asked[:-1], "renshe", check=False)
    assert refused.returncode == 1
    assert "SET_ASIDE_AT_PROVIDER" in refused.stderr


def test_each_end_is_told_what_its_checks_said(city: City) -> None:
    batch = city.batch(RESIDENTS.title)
    asked = ("exchange", "checks", batch["route"], str(batch["seq"]), "--node")
    found = json.loads(city.hutong(*asked, "gongan", "--json").stdout)
    assert (found["place"], found["rows"]) == ("source", 50_002)
    assert sum(rule["failed"] for rule in found["rules"] if rule["rule_id"] == "unique:id_number") == 4
    text = city.hutong(*asked, "renshe").stdout
    assert "通过\t0/49988\tnot_null:name\t“姓名”必填，不能为空\n" in text


def test_target_has_only_the_granted_columns_and_rows(city: City) -> None:
    with city.database("dept_renshe") as cursor:
        cursor.execute("SELECT * FROM shared.gongan_resident LIMIT 0")
        assert {column.name for column in cursor.description} == {
            "id_number",
            "name",
            "sex_code",
            "ethnicity_code",
            "birth_date",
            "hukou_region",
            "hukou_address",
        }
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'shared'")
        assert cursor.fetchall() == [("gongan_resident",)]
        cursor.execute("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'hutong_stage'")
        assert cursor.fetchone() == (0,)
    with city.database("dept_zhujian") as cursor:
        cursor.execute("SELECT DISTINCT region_code FROM shared.ziran_place")
        assert cursor.fetchall() == [("990103",)]


def test_relay_holds_none_of_the_values(city: City) -> None:
    """Numbers, names and addresses are looked for as they stand, in every file of the store and every relay table."""
    wanted = set()
    for row in itertools.islice(_persons(SEED, 50_000), 0, 50_000, 500):
        wanted |= {(row[0] or "").encode(), (row[6] or "").encode()}
    store = list((city.home / "relay").rglob("*"))
    contents = [path.read_bytes() for path in store if path.is_file()]
    assert sum(map(len, contents)) > 100_000
    with city.database("relay") as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            contents += [text.encode() for (text,) in cursor.fetchall()]
    for content in contents:
        assert not any(value in content for value in wanted)


def test_nothing_on_the_way_keeps_a_value(city: City) -> None:
    """XCom, task logs, check results, ledgers, audit, spools: no number of a resident, not even of the faulty rows that
    the checks have found, in any spelling; only the departments' own databases have them.
    """
    residents = list(_persons(SEED, 50_000))
    faulty = [key for keys in planted(residents).values() for key in keys if key]
    wanted = canaries.spellings(*faulty, *(row[0] or "" for row in residents[::10_000]))
    found, scanned = [], 0
    for folder in ("airflow", "logs", "nodes", "relay"):
        assert (city.home / folder).is_dir() or folder == "logs"
        found += canaries.in_files(city.home / folder, wanted)
    with city.database("postgres", "postgres") as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE NOT datistemplate AND datname NOT LIKE 'dept\\_%'")
        databases = [name for (name,) in cursor.fetchall()]
    for name in databases:
        with city.database(name, "postgres") as cursor:
            found += canaries.in_tables(cursor, wanted=wanted)
            scanned += name == "airflow" or "node" in name
    assert scanned > 7, databases
    assert found == []


def test_statistics_stand_in_class_two_of_the_2017_code(city: City) -> None:
    with city.signed_in("shuiwu.jingban") as client:
        page = client.get("/api/v1/resources", params={"library": "statistics"}).json()
    assert [item["code"][0] for item in page["items"]] == ["2"]
    assert all("/" in item["identifier"] for item in page["items"])


def test_passwords_are_for_their_owner_only(city: City) -> None:
    file: Path = city.home / "demo" / "passwords.json"
    assert file.stat().st_mode & 0o777 == 0o600
