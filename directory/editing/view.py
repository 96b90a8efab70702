"""The page of the form: everything the template needs to draw it, whoever drew it up before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from directory.editing.form import WAS, Faults, Form, field_of, is_blank
from directory.editing.layout import SECTIONS, TABLES, Section, Table
from directory.editing.marks import marks
from directory.editing.options import OPTIONS, suggestions
from directory.editing.remarks import follow
from directory.editing.rows import with_room
from directory.libraries.names import library_labels
from directory.nodes.models import Node
from directory.nodes.queries import nodes
from directory.organisations.queries import open_organisations
from directory.resources.models import ResourceEntry
from directory.resources.queries import Remark, current_record
from directory.web.render import page
from metadata.paths import label
from metadata.resource import UNTITLED, Party, Resource
from standards.findings import Finding

_NEW: Final = Form.of(Resource(title=UNTITLED, provider=Party(name="–")))


@dataclass(frozen=True)
class FormPage:
    """A form to show. Beside fields stand faults, remarks (on the form as it was ``returned``), the other's words."""

    form: Form
    action: str
    entry: ResourceEntry | None = None
    version: int = 0
    controls: Mapping[str, str] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    remarks: Sequence[Remark] = ()
    returned: Form | None = None
    theirs: Mapping[str, str] = field(default_factory=dict)
    other: str = ""
    lacks: Sequence[Finding] | None = None
    done: str = ""
    focus: str = ""
    note: str = ""
    refused: Mapping[str, Sequence[str]] = field(default_factory=dict)
    status: int = 200


def form_page(request: Request, session: Session, shown: FormPage, **context: Any) -> HTMLResponse:
    """Draw it. Empty tables get room; a paste that was taken leaves its box."""
    offers = {**suggestions(), "departments": {each.name: each.short_name for each in open_organisations(session)}}
    own = shown.entry.org_code if shown.entry is not None else request.state.actor.org_code
    offers["nodes"] = {each.node_id: each.org_name for each in nodes(session) if _serves(each, own)}
    remarks: dict[str, list[str]] = {}
    placed = follow(shown.remarks, shown.returned, shown.form) if shown.returned is not None else shown.remarks
    for remark in placed:
        remarks.setdefault(field_of(remark.path), []).append(remark.reason)
    by_weight = sorted(shown.lacks or (), key=lambda each: each.severity)  # errors first
    lacking = [(each, field_of(each.path)) for each in by_weight]
    noted = {*shown.faults.fields, *remarks, *shown.theirs, *(name for _, name in lacking)}
    record = current_record(session, shown.entry) if shown.entry is not None else None
    form = with_room(shown.form)
    return page(
        request,
        "editing/form.html",
        status_code=shown.status,
        shown=shown,
        form=form,
        entry=shown.entry,
        wrong=shown.faults.fields,
        remarks=remarks,
        placed=placed,
        theirs=shown.theirs,
        lacking=lacking,
        lacking_by_name={name: finding for finding, name in reversed(lacking) if name},
        focus=shown.focus or next(iter(shown.faults.fields), ""),
        sections=SECTIONS,
        tables=TABLES,
        opened={section.name for section in SECTIONS if _is_open(section, form, {*noted, shown.focus})},
        noted={section.name: sum(_is_in(name, section) for name in shown.faults.fields) for section in SECTIONS},
        marks=marks(),
        offers=offers,
        options=OPTIONS,
        row_is_noted=lambda table, number: _row_is_noted(table, number, noted),
        was=WAS,
        filled={path for path in (*form.values, *shown.form.tables) if _is_filled(path, shown.form)},
        field_of=field_of,
        label_at=label,
        libraries=library_labels(session),
        record=record,
        **context,
    )


def _is_open(section: Section, form: Form, noted: set[str]) -> bool:
    """A folded section opens when it says something, or when something is said about it."""
    if not section.is_folded or any(_is_in(name, section) for name in noted):
        return True
    for part in section.parts:
        if isinstance(part, Table) and any(not is_blank(part, row) for row in form.tables.get(part.path, ())):
            return True
        if any(form.values.get(part.path, ())):
            return True
    return False


def _serves(node: Node, org_code: str) -> bool:
    """Whether a mount of this department may lie with the node."""
    return (node.kind, node.org_code, node.is_revoked) == ("node", org_code, False)


def _is_filled(path: str, form: Form) -> bool:
    """Whether somebody has put something there that a new entry does not have."""
    if path in TABLES:
        return any(not is_blank(TABLES[path], row) for row in form.tables.get(path, ()))
    typed = form.values.get(path, ())
    return any(typed) and typed != _NEW.values[path]


def _is_in(name: str, section: Section) -> bool:
    return any(name == part.path or name.startswith(f"{part.path}[") for part in section.parts)


def _row_is_noted(table: Table, number: int, noted: set[str]) -> bool:
    return any(f"{table.path}[{number}].{each.name}" in noted for each in table.further)
