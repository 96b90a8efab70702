"""Write the entries of an import: very many small rows, in a few statements."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, String, Uuid, cast, column, func, insert, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from directory.imports.models import Import, ImportEntry
from directory.resources.importing import Outcome
from directory.resources.reading import Incoming

_AT_ONCE: Final = 500
_TYPES: Final[Mapping[str, Any]] = {
    "standing": String(),
    "resource_id": Uuid(),
    "version_before": Integer(),
    "version_after": Integer(),
    "twins": JSONB(),
    "problem": JSONB(),
    "outcome": String(),
    "reversal": String(),
}


def add_entries(
    session: Session, row: Import, records: Sequence[Incoming], updates: Collection[tuple[str, str]]
) -> None:
    """Store what was read, numbered from 1; (provider, title) in ``updates`` are to be updated."""
    for start in range(0, len(records), _AT_ONCE):
        lines = [
            _line(row, start + offset, each)
            | {"record": each.record, "is_update": (each.record.provider.name, each.record.title) in updates}
            for offset, each in enumerate(records[start : start + _AT_ONCE], start=1)
        ]
        session.execute(insert(ImportEntry), lines)


def add_outcomes(session: Session, row: Import, records: Sequence[Incoming], outcomes: Mapping[int, Outcome]) -> None:
    """Store entries that were imported at once, by their numbers: what became of them, without what they said."""
    for start in range(0, len(records), _AT_ONCE):
        lines = [
            _line(row, number, each) | outcome_columns(outcomes[number])
            for number, each in enumerate(records[start : start + _AT_ONCE], start=start + 1)
        ]
        session.execute(insert(ImportEntry), lines)


def change_entries(session: Session, row: Import, changes: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """Set columns of entries by their numbers; the same columns in each.

    They go as one JSON parameter: a VALUES list is put together anew for each part, which takes longer than the rows.
    """
    for start in range(0, len(changes), _AT_ONCE):
        part = changes[start : start + _AT_ONCE]
        names = sorted(part[0][1])
        lines = [{"number": number} | {name: _plain(each[name]) for name in names} for number, each in part]
        given = (
            func.jsonb_to_recordset(cast(lines, JSONB))
            .table_valued(column("number", Integer()), *(column(name, _TYPES[name]) for name in names), name="given")
            .render_derived(with_types=True)
        )
        session.execute(
            update(ImportEntry)
            .where(ImportEntry.import_id == row.id, ImportEntry.number == given.c.number)
            .values({name: given.c[name] for name in names})
            .execution_options(synchronize_session=False)
        )


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value


def outcome_columns(outcome: Outcome) -> dict[str, Any]:
    """What is kept of what became of an entry."""
    problem: dict[str, Any] = {}
    if outcome.refused is not None:
        findings = [each.model_dump(mode="json") for each in outcome.refused.findings]
        refused = outcome.refused
        problem = {"code": refused.code, "zh": refused.zh, "next_step": refused.next_step, "findings": findings}
    return {
        "outcome": outcome.kind,
        "resource_id": outcome.resource_id,
        "version_before": outcome.version_before,
        "version_after": outcome.version_after,
        "problem": problem,
    }


def _line(row: Import, number: int, each: Incoming) -> dict[str, Any]:
    names = {"title": each.record.title, "provider": each.record.provider.name}
    return {"import_id": row.id, "number": number, "place": each.place, **names}
