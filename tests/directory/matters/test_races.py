"""Two at once: one answer stands and the other is told why not; no two matters get one number."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from directory.actors import Actor
from directory.corrections import decide as corrections
from directory.corrections.said import NewCorrection, Said
from directory.corrections.states import Act
from directory.errors import DirectoryError
from directory.matters.models import Matter, MatterStep
from directory.roles import Role
from tests.directory.access.conftest import Town, resource, town

__all__ = ["resource", "town"]

NOW = datetime.now(UTC)


def raised(town: Town, resource: str) -> Matter:
    asked = NewCorrection(resource=resource, words="有误")
    with town.city.app.state.sessions.begin() as session:
        row = corrections.raise_correction(session, town.people["clerk"].actor, asked, NOW)
        session.flush()
        session.expunge(row)
    return row


def test_one_of_two_answers_stands(town: Town, resource: str, city: Any) -> None:
    second = city.person(town.orgs["provider"], Role.SHARING_LEAD).actor
    lead = town.people["lead"].actor

    def answer(matter_id: UUID, actor: Actor, act: Act) -> str:
        said = Said(comment="说明", corrected_from_on=NOW.date() if act is Act.CORRECTED else None)
        try:
            with town.city.app.state.sessions.begin() as session:
                corrections.decide(session, actor, matter_id, act, NOW, said)
        except DirectoryError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(2) as threads:
        for _ in range(3):
            ref = raised(town, resource).id
            both = ((lead, Act.CORRECTED), (second, Act.NOT_WRONG))
            told = [each.result() for each in [threads.submit(answer, ref, actor, act) for actor, act in both]]
            assert sorted(told) == ["MATTER_MOVE_ILLEGAL", "done"]
            with town.city.app.state.sessions() as session:
                assert len(session.scalars(select(MatterStep).where(MatterStep.matter_id == ref)).all()) == 2


def test_numbers_are_one_after_another(town: Town, resource: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        rows = [each.result() for each in [threads.submit(raised, town, resource) for _ in range(8)]]
    numbers = sorted(row.number for row in rows)
    assert numbers == list(range(numbers[0], numbers[0] + 8))
