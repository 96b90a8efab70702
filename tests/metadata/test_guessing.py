"""Guesses where name and values disagree, or say nothing: what is doubtful is offered and not filled in."""

from datetime import date

import pytest

from metadata.guessing import propose
from metadata.profile import ColumnProfile, TableProfile
from metadata.proposal import Guess, Proposal
from metadata.recognition import profile_values
from standards.check_digits import id_check_character, org_check_character, uscc_check_character

TODAY = date(2026, 3, 2)
USCC_BODY = "91330100" + "MA9AAAAA" + org_check_character("MA9AAAAA")
USCC = USCC_BODY + uscc_check_character(USCC_BODY)
ID = "11010519491231002" + id_check_character("11010519491231002")


def column(name: str, sql_type: str = "text", *values: str, **more: object) -> ColumnProfile:
    seen = profile_values(values, [len(value) for value in values], TODAY) if values else None
    return ColumnProfile.model_validate({"name": name, "sql_type": sql_type, "values": seen} | more)


def proposed(*columns: ColumnProfile, comment: str = "") -> Proposal:
    table = TableProfile(schema_name="public", table="t", kind="table", comment=comment, columns=columns)
    return propose(table, "gongan", "11330100MB0000262E")


def guess(proposal: Proposal, path: str) -> Guess:
    (found,) = [each for each in proposal.guesses if each.path == path]
    return found


def test_a_short_name_of_another_library_is_only_offered() -> None:
    proposal = proposed(
        column("uscc", "text", USCC, is_key=True), column("org_name"), column("name"), column("reg_capital", "numeric")
    )
    assert proposal.draft.library == "legal_person"
    item = proposal.draft.items[2]
    assert (item.name, item.base_item) == ("name", "")
    offered = guess(proposal, "items[2].base_item")
    assert (offered.value, offered.confidence, offered.is_applied) == ("population/name", "possible", False)
    assert item.sensitivity == 3  # a doubt is no reason to call it public


def test_values_outweigh_a_name() -> None:
    wrong = proposed(column("gmsfhm", "text", "甲", "乙"), column("dm", "text", ID))
    assert (wrong.draft.items[0].data_element, wrong.draft.items[0].base_item) == ("", "")
    assert (wrong.draft.items[1].data_element, wrong.draft.items[1].sensitivity) == ("GB 11643", 4)


def test_a_legal_persons_table_with_a_representatives_number() -> None:
    proposal = proposed(
        column("tyshxydm", "text", USCC, is_key=True), column("qymc"), column("fddbrsfzh", "text", ID), column("zczb")
    )
    assert proposal.draft.library == "legal_person"
    assert proposal.draft.items[2].base_item == "legal_person/legal_rep_id"
    assert proposal.draft.items[2].sensitivity == 4


def test_a_code_table_by_the_values_alone_is_only_offered() -> None:
    proposal = proposed(column("c7", "text", *(f"{number:02d}" for number in range(1, 31))))
    assert proposal.draft.items[0].code_table == ""
    offered = guess(proposal, "items[0].code_table")
    assert (offered.is_applied, offered.confidence) == (False, "possible")


@pytest.mark.parametrize(
    ("name", "comment", "level"),
    [
        ("c1", "人脸特征值", 4),
        ("yhzh", "", 4),
        ("c1", "开户银行卡号", 4),
        ("c1", "联系人手机", 3),
        ("c1", "户籍地址", 3),
        ("c1", "颜色", 2),
    ],
)
def test_sensitivity_by_name(name: str, comment: str, level: int) -> None:
    assert proposed(column(name, comment=comment)).draft.items[0].sensitivity == level


def test_types_and_extent() -> None:
    proposal = proposed(
        column("geom", "geometry(Polygon,4490)"),
        column("tags", "text[]"),
        column("lon", "numeric(9,6)"),
        column("lat", "numeric(9,6)"),
    )
    assert (proposal.draft.library, proposal.draft.extent.crs) == ("geospatial", "EPSG:4490")
    assert guess(proposal, "items[1].type_code").confidence == "possible"
    assert [item.type_code for item in proposal.draft.items] == ["G", "C", "N", "N"]


def test_texts_that_no_record_can_hold() -> None:
    proposal = proposed(column("a\x01b", comment="姓\x02名\n第二行"), comment="\x03")
    assert (proposal.draft.title, proposal.draft.items[0].name) == ("t", "姓")
    assert not any("\x01" in each.value or "\x02" in each.value for each in proposal.guesses)


@pytest.mark.parametrize(
    ("comment", "cycle"), [("台账，每月5日更新", "monthly"), ("实时采集", "realtime"), ("台账", None)]
)
def test_a_cycle_is_known_only_from_the_comment(comment: str, cycle: str | None) -> None:
    assert proposed(column("a"), comment=comment).draft.update_cycle == cycle


def test_a_long_place_still_has_a_mount_id_of_its_own() -> None:
    made = [
        propose(
            TableProfile(schema_name="s", table="t" * 62 + end, kind="table", columns=(column("a"),)), "gongan", "x"
        ).draft.mounts[0]
        for end in "12"
    ]
    assert made[0].mount_id != made[1].mount_id
    assert all(len(mount.mount_id) <= 64 for mount in made)
