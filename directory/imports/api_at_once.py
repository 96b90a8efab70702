"""The short way for programs: read, import and answer in one call, without looking first (DESIGN §5)."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, UploadFile
from pydantic import BaseModel

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.imports.refusal import refusal
from directory.imports.run import import_at_once
from directory.imports.views import RefusedLine, refused_lines
from directory.organisations.queries import organisation
from directory.policy import require
from directory.resources.reading import read_file
from metadata.formats.workbook import CellFinding
from metadata.resource import Party

router = APIRouter(prefix="/resources", tags=["resources"])


class Imported(BaseModel):
    """What came of an import. ``findings`` are of the cells; ``differing`` are known entries, left as they are;
    ``unassessed`` are records whose assessments have to be recorded here. ``import_id`` names it for an undo.
    """

    is_dry_run: bool
    import_id: UUID | None
    rows: int
    added: int
    unchanged: int
    differing: list[str]
    unassessed: list[str]
    new_organisations: list[str]
    refused: list[RefusedLine]
    findings: list[CellFinding]


@router.post("/import")
@governed_by(Action.RESOURCE_REGISTER)
def import_resources(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    file: UploadFile,
    dry_run: Annotated[bool, Form()] = False,
    only_good: Annotated[bool, Form(description="leave out the records that cannot be taken")] = False,
    without_broken: Annotated[bool, Form(description="take entries without the cells that cannot be taken")] = False,
    provider: Annotated[str, Form(max_length=32, description="code of the department, where the file names none")] = "",
) -> Imported:
    """Import a workbook or core-metadata XML as drafts: all or none; the same file again changes nothing.

    With records that cannot be taken, a dry run lists them, and an import is refused with them as findings, unless
    only the good ones were asked for.
    """
    require(actor, Action.RESOURCE_REGISTER, None)
    own = organisation(session, provider) if provider else None
    party = Party(name=own.name, code=own.real_code) if own else None
    data, name = file.file.read(), file.filename or ""
    incoming = read_file(data, name, party)
    classes = request.app.state.settings.classes
    now = datetime.now(UTC)
    report, row = import_at_once(
        session,
        actor,
        data,
        name,
        incoming,
        classes,
        now,
        is_dry_run=dry_run,
        only_good=only_good,
        without_broken=without_broken,
    )
    if report.refused and not dry_run and not only_good:
        raise refusal(report)
    return Imported(
        is_dry_run=dry_run,
        import_id=row.id if row else None,
        rows=report.rows,
        added=report.added,
        unchanged=report.unchanged,
        differing=report.differing,
        unassessed=report.unassessed,
        new_organisations=report.new_organisations,
        refused=refused_lines(report),
        findings=list(incoming.findings),
    )
