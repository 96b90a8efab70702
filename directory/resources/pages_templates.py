"""The page of templates: what an entry of each library begins with, and making one of an entry."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.accounts.queries import display_names
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.libraries.names import library_labels
from directory.organisations.queries import organisation
from directory.policy import require
from directory.resources.templates import put_template_from, template_of, templates
from directory.web.render import page_after
from metadata.resource import Party

router = APIRouter(prefix="/templates", include_in_schema=False)


class SourceForm(BaseModel):
    """Which library's template to make of which entry, as the form was sent."""

    model_config = ConfigDict(frozen=True)

    library: Annotated[str, Form(max_length=32)] = ""
    ref: Annotated[str, Form(max_length=200)] = ""


@router.get("")
@governed_by(Action.RESOURCE_READ)
def browse(request: Request, session: DbSession, actor: CurrentActor, ref: str = "", library: str = "") -> HTMLResponse:
    """Every library with its template; ``ref`` and ``library`` fill in the form, from an entry's page."""
    require(actor, Action.RESOURCE_READ, actor.org_code)
    return _templates_page(request, session, actor, SourceForm(library=library[:32], ref=ref[:200]))


@router.post("")
@governed_by(Action.TEMPLATE_EDIT)
def make_template(
    request: Request, session: DbSession, actor: CurrentActor, form: Annotated[SourceForm, Form()]
) -> Response:
    """Make a template of an entry; a refusal is shown with what was typed."""
    try:
        with session.begin_nested():
            put_template_from(session, actor, form.library, form.ref.strip(), datetime.now(UTC))
    except DirectoryError as error:
        return _templates_page(request, session, actor, form, error)
    return RedirectResponse(f"/templates#{form.library}", status_code=303)


def _templates_page(
    request: Request, session: Session, actor: Actor, form: SourceForm, error: DirectoryError | None = None
) -> HTMLResponse:
    own = organisation(session, actor.org_code)
    provider = Party(name=own.name, code=own.real_code)
    made = {each.library: each for each in templates(session)}
    return page_after(
        request,
        "resources/templates.html",
        error,
        shown=[
            (library, label, template_of(session, library, provider), made.get(library))
            for library, label in library_labels(session).items()
        ],
        names=display_names(session, [each.edited_by for each in made.values()]),
        form=form,
    )
