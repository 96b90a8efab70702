"""Drafts from the demo's own registers: what a person would have written, without being told."""

import psycopg2
import pytest

from exchange.department import libpq_url
from hutong.demo.legal_persons import enterprises
from hutong.demo.observations import observations
from hutong.demo.persons import residents
from hutong.demo.places import places
from metadata.proposal import Proposal
from metadata.resource import Item
from tests.exchange.scan.conftest import Database


@pytest.fixture(scope="module", autouse=True)
def _town(database: Database) -> None:
    connection = psycopg2.connect(libpq_url(database.url))
    with connection, connection.cursor() as cursor:
        for table in (residents(300), enterprises(300), observations(), places(100)):
            table.create(cursor, seed=1)
    connection.close()


def items(proposal: Proposal) -> dict[str, Item]:
    return {item.field: item for item in proposal.draft.items}


def test_residents(database: Database) -> None:
    proposal = database.propose("resident")
    found = items(proposal)
    assert (proposal.draft.title, proposal.draft.library) == ("常住人口登记", "population")
    number = found["id_number"]
    assert (number.name, number.data_element, number.sensitivity) == ("公民身份号码", "GB 11643", 4)
    assert (number.base_item, number.length) == ("population/id_number", 40)
    assert {field: found[field].name for field in ("name", "sex_code", "ethnicity_code", "birth_date", "phone")} == {
        "name": "姓名",
        "sex_code": "性别",
        "ethnicity_code": "民族",
        "birth_date": "出生日期",
        "phone": "联系电话",
    }
    assert {field: item.code_table for field, item in found.items() if item.code_table} == {
        "sex_code": "gbt2261-1-sex",
        "ethnicity_code": "gbt3304-ethnicity",
        "marital_code": "gbt2261-2-marital",
        "education_code": "gbt4658-education",
    }
    assert (found["birth_date"].type_code, found["name"].sensitivity, found["phone"].sensitivity) == ("D", 3, 3)
    assert (found["row_number"].is_key, found["row_number"].is_nullable) == (True, False)


def test_legal_persons(database: Database) -> None:
    proposal = database.propose("legal_person")
    found = items(proposal)
    assert proposal.draft.library == "legal_person"
    uscc = found["uscc"]
    assert (uscc.name, uscc.data_element, uscc.base_item) == ("统一社会信用代码", "GB 32100", "legal_person/uscc")
    assert (uscc.sensitivity, found["legal_rep_name"].sensitivity) == (1, 3)
    assert (found["org_name"].name, found["org_type"].code_table) == ("机构名称", "gbt20091-2006-org-type")
    capital = found["reg_capital"]
    assert (capital.type_code, capital.length, capital.precision) == ("N", 18, 6)
    assert (found["established_on"].type_code, found["approved_at"].type_code) == ("D", "T")
    assert found["approved_at"].name == "approved_at"  # nothing says what it is called: that stays to a person


def test_observations_and_places(database: Database) -> None:
    statistics, geography = database.propose("observation"), database.propose("place")
    assert (statistics.draft.library, geography.draft.library) == ("statistics", "geospatial")
    assert items(statistics)["indicator_code"].base_item == "statistics/indicator_code"
    assert {items(geography)[field].name for field in ("lon", "lat", "geometry")} == {"经度", "纬度", "几何"}


@pytest.mark.parametrize("table", ["resident", "legal_person", "observation", "place"])
def test_every_conclusion_has_its_reason_and_nothing_is_decided_for_anybody(database: Database, table: str) -> None:
    proposal = database.propose(table)
    draft, told = proposal.draft, {guess.path for guess in proposal.guesses if guess.is_applied}
    filled = {"title"} | {name for name in ("library", "update_cycle") if getattr(draft, name) is not None}
    for number, item in enumerate(draft.items):
        filled |= {f"items[{number}].{field}" for field in item.model_fields_set - {"field", "description"}}
        assert f"items[{number}].sensitivity" in told
    assert filled <= told
    assert draft.sharing.share_type is None
    assert [guess.is_applied for guess in proposal.guesses if guess.path == "sharing.share_type"] == [False]
    assert (draft.update_cycle, draft.keywords, draft.assessments, draft.openness.is_open) == (None, (), (), None)


def test_the_mount_is_the_table_as_it_is(database: Database) -> None:
    mount = database.propose("legal_person").draft.mounts[0]
    assert (mount.node, mount.schema_name, mount.table) == ("gongan", "public", "legal_person")
    types = {column.column: column.sql_type for column in mount.columns}
    assert types["uscc"] == "character varying(18)"
    assert types["approved_at"] == "timestamp with time zone"


def test_pinyin_and_comments(database: Database) -> None:
    database.run(
        "CREATE TABLE t_hj_ry (gmsfhm varchar(18) PRIMARY KEY, xm varchar(50), xb char(1), mz char(2), csrq char(8),"
        " sjhm varchar(11), bz text, zp bytea, tysh varchar(20))",
        "COMMENT ON TABLE t_hj_ry IS '户籍人员表，每日更新'",
        "COMMENT ON COLUMN t_hj_ry.tysh IS '统一审核状态：1 通过，2 不通过'",
        "INSERT INTO t_hj_ry VALUES ('11010119000101001' || '4', '王小明', '1', '01', '19000101', '13800000000')",
    )
    proposal = database.propose("t_hj_ry")
    found = items(proposal)
    assert (proposal.draft.title, proposal.draft.update_cycle, proposal.draft.library) == (
        "户籍人员表",
        "daily",
        "population",
    )
    assert [found[field].name for field in ("gmsfhm", "xm", "xb", "mz", "csrq", "sjhm", "tysh")] == [
        "公民身份号码",
        "姓名",
        "性别",
        "民族",
        "出生日期",
        "联系电话",
        "统一审核状态",
    ]
    assert (found["gmsfhm"].is_key, found["gmsfhm"].is_nullable, found["zp"].sensitivity) == (True, False, 4)
    assert found["tysh"].description == "统一审核状态：1 通过，2 不通过"
    assert (found["bz"].sensitivity, found["bz"].base_item, found["bz"].name) == (2, "", "bz")
