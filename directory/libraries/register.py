"""Keep the registers: add libraries and items, change them, retire items, name the lead department of an item.

The office does this; every change is kept with its basis and recorded for audit.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record as record_audit
from directory.errors import DirectoryError
from directory.libraries.models import FIELD_PATTERN, Library, LibraryChange, LibraryItem
from directory.libraries.names import forget
from directory.libraries.queries import library_item, library_named
from directory.organisations.queries import open_organisation
from directory.policy import require
from metadata.identifiers import is_class_code
from metadata.resource import LIBRARY_PATTERN

FIELD_NAMES: Mapping[str, str] = {
    "name": "名称",
    "label": "中文名称",
    "class_code": "类项目细目",
    "field": "字段名",
    "representation": "表示",
    "code_list": "代码表",
    "rule": "规则",
    "sensitivity": "敏感程度",
    "lead_department": "数源部门",
    "basis": "依据",
}
Given = TypeVar("Given", bound=BaseModel)
Words = Annotated[str, Field(max_length=500)]


class NewLibrary(BaseModel):
    """A library as the office adds it; without a class code its entries are numbered in the default class."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: Annotated[str, Field(max_length=32)]
    label: Annotated[str, Field(max_length=50)]
    class_code: Annotated[str, Field(max_length=32)] = ""


class LibraryEdit(BaseModel):
    """What of a library changes; what is not given stays."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    label: Annotated[str, Field(max_length=50)] | None = None
    class_code: Annotated[str, Field(max_length=32)] | None = None
    basis: Words = ""


class NewItem(BaseModel):
    """A standard item as the office adds it."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    field: Annotated[str, Field(max_length=63)]
    name: Annotated[str, Field(max_length=200)]
    representation: Words = ""
    code_list: Words = ""
    rule: Words = ""
    sensitivity: Words = ""


class ItemEdit(BaseModel):
    """What of an item changes; what is not given stays. ``lead_department`` is a department's code, empty for none."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: Annotated[str, Field(max_length=200)] | None = None
    representation: Words | None = None
    code_list: Words | None = None
    rule: Words | None = None
    sensitivity: Words | None = None
    is_retired: StrictBool | None = None
    lead_department: Annotated[str, Field(max_length=32)] | None = None
    basis: Words = ""


def read(kind: type[Given], values: Mapping[str, object]) -> Given:
    """What a form sent, as what the verbs take; raises ``LIBRARY_INVALID`` naming what is too long."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        fields = [str(each["loc"][0]) for each in error.errors()]
        reason = f"太长或填写有误：{'、'.join(FIELD_NAMES.get(each, each) for each in fields)}"
        reason_en = f"too long or not what is wanted: {', '.join(fields)}"
        raise DirectoryError("LIBRARY_INVALID", reason=reason, reason_en=reason_en) from error


def add_library(session: Session, actor: Actor, new: NewLibrary, now: datetime) -> Library:
    """Add a library. Raises ``FORBIDDEN``, ``LIBRARY_INVALID``, ``LIBRARY_EXISTS``."""
    require(actor, Action.LIBRARY_EDIT, None)
    if not re.fullmatch(LIBRARY_PATTERN, new.name):
        raise DirectoryError(
            "LIBRARY_INVALID",
            reason="标识须以小写字母开头，只含小写字母、数字和下划线，最多 32 位",
            reason_en="a name is up to 32 lower-case letters, digits and underscores, and begins with a letter",
        )
    _check_label(new.label)
    _check_class_code(new.class_code)
    if session.get(Library, new.name) is not None:
        raise DirectoryError("LIBRARY_EXISTS", name=new.name)
    _refuse_taken_label(session, new.label)
    library = Library(name=new.name, label=new.label, class_code=new.class_code, source="信息办添加")
    session.add(library)
    session.flush()
    _note(session, actor, now, library.name, "", {"added": ("", new.label)}, "")
    forget(session)
    return library


def change_library(session: Session, actor: Actor, name: str, edit: LibraryEdit, now: datetime) -> Library:
    """Change what is given. Raises ``FORBIDDEN``, ``LIBRARY_NOT_FOUND``, ``LIBRARY_INVALID``, ``LIBRARY_EXISTS``."""
    require(actor, Action.LIBRARY_EDIT, None)
    library = library_named(session, name, lock=True)
    changes: dict[str, tuple[str, str]] = {}
    if edit.label is not None and edit.label != library.label:
        _check_label(edit.label)
        _refuse_taken_label(session, edit.label)
        changes["label"] = (library.label, edit.label)
        library.label = edit.label
    if edit.class_code is not None and edit.class_code != library.class_code:
        _check_class_code(edit.class_code)
        changes["class_code"] = (library.class_code, edit.class_code)
        library.class_code = edit.class_code
    session.flush()
    _note(session, actor, now, name, "", changes, edit.basis)
    forget(session)
    return library


def add_item(session: Session, actor: Actor, name: str, new: NewItem, now: datetime) -> LibraryItem:
    """Add an item at the end. Raises ``FORBIDDEN``, ``LIBRARY_NOT_FOUND``, ``LIBRARY_INVALID``, ``LIBRARY_EXISTS``."""
    require(actor, Action.LIBRARY_EDIT, None)
    library_named(session, name, lock=True)
    if not re.fullmatch(FIELD_PATTERN, new.field):
        raise DirectoryError(
            "LIBRARY_INVALID",
            reason="字段名须以小写字母开头，只含小写字母、数字和下划线，最多 63 位",
            reason_en="a field is up to 63 lower-case letters, digits and underscores, and begins with a letter",
        )
    _check_name(new.name)
    if session.get(LibraryItem, (name, new.field)) is not None:
        raise DirectoryError("LIBRARY_EXISTS", name=new.field)
    last = session.scalar(select(func.max(LibraryItem.seq)).where(LibraryItem.library == name)) or 0
    item = LibraryItem(library=name, seq=last + 1, certainty="local", **new.model_dump())
    session.add(item)
    session.flush()
    _note(session, actor, now, name, new.field, {"added": ("", new.name)}, "")
    return item


def change_item(session: Session, actor: Actor, name: str, field: str, edit: ItemEdit, now: datetime) -> LibraryItem:
    """Change what is given; a lead department must be a confirmed one.

    Raises ``FORBIDDEN``, ``LIBRARY_ITEM_NOT_FOUND``, ``LIBRARY_INVALID``, ``ORGANISATION_UNKNOWN``.
    """
    require(actor, Action.LIBRARY_EDIT, None)
    item = library_item(session, name, field, lock=True)
    changes: dict[str, tuple[str, str]] = {}
    for what in ("name", "representation", "code_list", "rule", "sensitivity"):
        given = getattr(edit, what)
        if given is not None and given != getattr(item, what):
            changes[what] = (getattr(item, what), given)
            setattr(item, what, given)
    _check_name(item.name)
    if edit.is_retired is not None and edit.is_retired != item.is_retired:
        changes["retired"] = (_YES_NO[item.is_retired], _YES_NO[edit.is_retired])
        item.is_retired = edit.is_retired
    if edit.lead_department is not None and edit.lead_department != (item.lead_org or ""):
        if edit.lead_department and not open_organisation(session, edit.lead_department).is_confirmed:
            raise DirectoryError(
                "LIBRARY_INVALID",
                reason="数源部门须是已确认的部门",
                reason_en="the lead department must be a confirmed one",
            )
        changes["lead"] = (item.lead_org or "", edit.lead_department)
        item.lead_org = edit.lead_department or None
    session.flush()
    _note(session, actor, now, name, field, changes, edit.basis)
    return item


def decide_leads(
    session: Session, actor: Actor, name: str, fields: Sequence[str], edit: ItemEdit, now: datetime
) -> None:
    """The same decision about several items at once. Raises what ``change_item`` does; ``LIBRARY_INVALID`` for none."""
    if not fields:
        raise DirectoryError("LIBRARY_INVALID", reason="还没有选择标准项", reason_en="no item has been chosen")
    for field in sorted(set(fields)):
        change_item(session, actor, name, field, edit, now)


_YES_NO: Mapping[bool, str] = {False: "否", True: "是"}


def _check_label(label: str) -> None:
    if not label or not any("一" <= character <= "鿿" for character in label):
        raise DirectoryError("LIBRARY_INVALID", reason="基础库须有中文名称", reason_en="a library has a Chinese name")


def _check_name(name: str) -> None:
    if not name:
        raise DirectoryError("LIBRARY_INVALID", reason="标准项须有名称", reason_en="an item has a name")


def _check_class_code(code: str) -> None:
    if code and not is_class_code(code):
        raise DirectoryError(
            "LIBRARY_INVALID",
            reason="类项目细目须以 1、2 或 3 开头，至少 6 位数字",
            reason_en="a class code begins with 1, 2 or 3 and has at least 6 digits",
        )


def _refuse_taken_label(session: Session, label: str) -> None:
    if session.scalar(select(Library.name).where(Library.label == label)) is not None:
        raise DirectoryError("LIBRARY_EXISTS", name=label)


def _note(
    session: Session,
    actor: Actor,
    now: datetime,
    library: str,
    field: str,
    changes: Mapping[str, tuple[str, str]],
    basis: str,
) -> None:
    for what, (before, after) in changes.items():
        session.add(
            LibraryChange(
                library=library,
                field=field,
                what=what,
                before=before,
                after=after,
                basis=basis,
                decided_by=actor.account_id,
                decided_at=now,
            )
        )
        subject = f"{library}/{field}" if field else library
        record_audit(session, actor, f"library:{what}", subject, at=now, details={"before": before, "after": after})
    session.flush()
