"""Numbers are given out once each, without gaps, however many ask at the same time; a failure gives its number back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from directory.errors import DirectoryError
from directory.resources.models import ResourceEntry
from directory.resources.register import register
from directory.roles import Role
from metadata.resource import Resource


def test_a_hundred_registrations_at_once(department: Any, directory_app: Any, directory_settings: Any) -> None:
    record = Resource.model_validate(department.draft(library="geospatial"))

    def one(number: int) -> tuple[str | None, str | None]:
        with directory_app.state.sessions.begin() as session:
            named = record.model_copy(update={"title": f"地名{number}"})
            saved = register(session, department.editor.actor, named, directory_settings.classes, datetime.now(UTC))
            return saved.entry.identifier, saved.entry.code

    with ThreadPoolExecutor(100) as threads:
        made = list(threads.map(one, range(100)))
    identifiers = sorted(int(str(identifier).split("/")[1]) for identifier, _ in made)
    codes = sorted(int(str(code).split("/")[1]) for _, code in made)
    assert identifiers == list(range(1, 101))
    assert codes == list(range(codes[0], codes[0] + 100))


class Lost(Exception):
    """What ends a registration after its numbers were minted."""


def test_a_hundred_at_once_with_failures_between_leave_no_gap(
    department: Any, directory_app: Any, directory_settings: Any
) -> None:
    """Every third registration fails after minting: by a refused record, or when the transaction is given up."""
    record = Resource.model_validate(department.draft(class_code="307002", library=None))

    def one(number: int) -> tuple[str, str] | None:
        titled = {"title": "坏\x00字" if number % 6 == 0 else f"目录{number}"}
        try:
            with directory_app.state.sessions.begin() as session:
                named = record.model_copy(update=titled)
                entry = register(
                    session, department.editor.actor, named, directory_settings.classes, datetime.now(UTC)
                ).entry
                if number % 6 == 3:
                    raise Lost
                return str(entry.identifier), str(entry.code)
        except (DirectoryError, Lost):
            return None

    with ThreadPoolExecutor(50) as threads:
        made = [numbers for numbers in threads.map(one, range(150)) if numbers is not None]
    assert len(made) == 100
    for position in (0, 1):
        assert sorted(int(numbers[position].split("/")[1]) for numbers in made) == list(range(1, 101))


def test_a_failed_registration_leaves_no_gap_and_no_trace(
    department: Any, directory_app: Any, directory_settings: Any
) -> None:
    record = Resource.model_validate(department.draft())
    now = datetime.now(UTC)
    with directory_app.state.sessions() as session:  # rolled back
        lost = register(session, department.editor.actor, record, directory_settings.classes, now).entry.identifier
    with directory_app.state.sessions.begin() as session:
        assert session.scalar(select(func.count()).where(ResourceEntry.org_code == department.code)) == 0
        kept = register(session, department.editor.actor, record, directory_settings.classes, now).entry.identifier
    assert kept == lost


def test_codes_from_elsewhere_are_kept_verbatim(department: Any) -> None:
    made = department.register(identifier="BA600/QP000218", code="BA6006/000218")
    assert (made["identifier"], made["code"]) == ("BA600/QP000218", "BA6006/000218")
    again = department.editor.client.post(
        "/api/v1/resources", json=department.draft(identifier="BA600/QP000218", code="BA6006/000219")
    )
    assert again.json()["code"] == "IDENTIFIER_TAKEN"


def test_a_number_of_ours_cannot_be_claimed(department: Any) -> None:
    prefix = department.register()["identifier"].split("/")[0]
    answer = department.editor.client.post(
        "/api/v1/resources", json=department.draft(identifier=f"{prefix}/00000000099")
    )
    assert answer.json()["code"] == "IDENTIFIER_RESERVED"


def test_a_number_from_elsewhere_is_passed_over_when_the_class_becomes_ours(department: Any) -> None:
    foreign = department.register(code="213777/000001")
    minted = department.register(class_code="213777")
    assert (foreign["code"], minted["code"]) == ("213777/000001", "213777/000002")


def test_identifiers_stay(department: Any) -> None:
    made = department.register()
    record = department.editor.client.get(f"/api/v1/resources/{made['id']}").json()["record"]
    for changed in ({"identifier": "BA600/1"}, {"code": "BA6006/1"}):
        answer = department.editor.client.put(
            f"/api/v1/resources/{made['id']}", json=record | changed, headers={"If-Match": '"1"'}
        )
        assert answer.json()["code"] == "IDENTIFIER_FIXED"


def test_a_prefix_given_later_gives_an_identifier_at_the_next_edit(city: Any, directory_app: Any) -> None:
    code = city.organisation(has_prefix=False)
    editor = city.person(code, Role.EDITOR)
    draft = {"title": "无前段码部门的目录", "provider": {"name": editor.actor.org_name}}
    made = editor.client.post("/api/v1/resources", json=draft).json()
    assert made["identifier"] is None
    with directory_app.state.sessions.begin() as session:
        session.execute(text("UPDATE organisation SET prefix = 'Z0001' WHERE code = :code"), {"code": code})
    record = editor.client.get(f"/api/v1/resources/{made['id']}").json()["record"]
    saved = editor.client.put(f"/api/v1/resources/{made['id']}", json=record, headers={"If-Match": '"1"'}).json()
    assert (saved["identifier"], saved["version"]) == ("Z0001/00000000001", 2)


def test_only_a_confirmed_department_has_a_prefix(city: Any, directory_app: Any) -> None:
    code = city.organisation()
    statement = text("UPDATE organisation SET is_confirmed = false WHERE code = :code")
    with (
        directory_app.state.sessions() as session,
        pytest.raises(IntegrityError, match="ck_organisation_prefix_confirmed"),
    ):
        session.execute(statement, {"code": code})
