"""Files of the catalogue for people at their desks: the workbook to fill in."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Response

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.organisations.queries import organisation
from directory.policy import require
from directory.resources.exporting import XLSX_MEDIA_TYPE
from metadata.formats import template
from metadata.resource import Party

router = APIRouter(prefix="/resources", tags=["resources"])

Provider = Annotated[str, Query(max_length=32, description="统一社会信用代码；不写时是本部门")]


@router.get("/template", response_class=Response, responses={200: {"content": {XLSX_MEDIA_TYPE: {}}}})
@governed_by(Action.RESOURCE_REGISTER)
def workbook_template(session: DbSession, actor: CurrentActor, provider: Provider = "") -> Response:
    """The guide's workbook with lists to choose from, for a department to fill in and import (xlsx)."""
    own = organisation(session, provider or actor.org_code)
    require(actor, Action.RESOURCE_REGISTER, own.code)
    data = template.write(Party(name=own.name, code=own.real_code))
    name = quote(f"政务信息资源目录-{own.name}.xlsx", safe="")
    return Response(
        data, media_type=XLSX_MEDIA_TYPE, headers={"content-disposition": f"attachment; filename*=UTF-8''{name}"}
    )
