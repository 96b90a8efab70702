"""Departments: registered once, provisional ones confirmed in place."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from directory.errors import DirectoryError
from directory.organisations.models import Organisation
from directory.organisations.queries import provider_of
from directory.organisations.register import add_organisation, named_organisation
from metadata.resource import Party

CODES = ["11330100MB0000262E", "11330100MB0000609L"]


def test_departments_without_a_prefix_are_not_each_other(session: Session) -> None:
    for place, code in enumerate(CODES):
        add_organisation(session, code=code, name=f"无前段码第{place}局")
    assert session.get_one(Organisation, CODES[0]).name == "无前段码第0局"
    assert session.get_one(Organisation, CODES[1]).is_confirmed


@pytest.mark.parametrize("repeated", ["code", "name", "prefix"])
def test_each_of_the_three_is_ones_own(city: Any, session: Session, repeated: str) -> None:
    known = session.get_one(Organisation, city.organisation())
    given = {"code": "91110000100000008J", "name": "新来的局", "prefix": "NEW01"} | {repeated: getattr(known, repeated)}
    refusal = "PREFIX_TAKEN" if repeated == "prefix" else "ORGANISATION_EXISTS"
    with pytest.raises(DirectoryError, match=refusal):
        add_organisation(session, **given)


def test_one_named_by_a_file_keeps_its_valid_code(session: Session) -> None:
    named = named_organisation(session, "外省某厅", code="91110000100000008J", by="cli")
    assert (named.is_confirmed, named.real_code) == (False, "91110000100000008J")
    assert named_organisation(session, "外省某厅", by="cli") is named
    wrong = named_organisation(session, "错码的局", code="12345", by="cli")
    assert wrong.real_code == ""
    assert add_organisation(session, code="91110000100000008J", name="外省某厅").is_confirmed


def test_code_and_name_must_agree(city: Any, session: Session) -> None:
    code = city.organisation("真名局")
    assert provider_of(session, Party(name="真名局", code=code)).code == code
    assert provider_of(session, Party(name="真名局")).code == code
    with pytest.raises(DirectoryError, match="不是“假名局”"):
        provider_of(session, Party(name="假名局", code=code))


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"code": CODES[0][:-1] + "F"}, "校验码"), ({"prefix": "abc"}, "前段码"), ({"name": " "}, "名称")],
)
def test_refused_with_its_reason(session: Session, changes: dict[str, str], words: str) -> None:
    with pytest.raises(DirectoryError, match=words):
        add_organisation(session, **({"code": "91310115MA1FL00079", "name": "某局"} | changes))
