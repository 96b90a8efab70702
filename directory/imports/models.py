"""Imports as rows: the file in each revision, what was found in it, and what came of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base, RecordColumn
from metadata.formats.column_mapping import ColumnMapping
from metadata.resource import Resource

STATES: Final[Mapping[str, str]] = {
    "uploaded": "已上传",
    "checked": "已检查",
    "carried_out": "已导入",
    "undone": "已撤回",
    "discarded": "已放弃",
}
STAGES: Final[Mapping[str, str]] = {
    "reading": "逐格读取",
    "diagnosing": "查找可修复的问题",
    "comparing": "与现有目录比对",
}
STANDINGS: Final[Mapping[str, str]] = {
    "new": "新增",
    "unchanged": "没有变化",
    "different": "与现有目录不同",
    "refused": "不能导入",
}
OUTCOMES: Final[Mapping[str, str]] = {
    "added": "已新增",
    "updated": "已更新为新版本",
    "unchanged": "没有变化",
    "left": "保留原有",
    "refused": "没有导入",
}
REVERSALS: Final[Mapping[str, str]] = {
    "discarded": "草稿已作废",
    "restored": "已恢复原内容",
    "kept": "之后有人改过，未动",
}


def _listed(column: str, words: Mapping[str, str]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in ('', *words))})"


class Import(Base):
    """One import. ``org_code`` is the department whose it is (none: the command line's), ``provider_code`` the
    department that stands in where the file names none.

    While ``stage`` names one, a check is under way; each stage is done again from the stored file if it was cut off.
    """

    __tablename__ = "catalogue_import"
    __table_args__ = (
        CheckConstraint(f"state <> '' AND {_listed('state', STATES)}", name="state"),
        CheckConstraint(_listed("stage", STAGES), name="stage"),
        Index("ix_catalogue_import_org_code", "org_code", "uploaded_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    org_code: Mapped[str | None] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))
    provider_code: Mapped[str | None] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"))
    file_name: Mapped[str] = mapped_column(String(255))
    file_bytes: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(20))
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    uploaded_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str] = mapped_column(String(20), server_default="")
    revision: Mapped[int] = mapped_column(Integer, server_default="0")
    mapping: Mapped[ColumnMapping | None] = mapped_column(RecordColumn(ColumnMapping))
    header_signature: Mapped[str] = mapped_column(String(64), server_default="")
    row_count: Mapped[int] = mapped_column(Integer, server_default="0")
    checked_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]


class ImportFile(Base):
    """The file as it came (revision 0) and after each round of repairs; removed some days after the import ended."""

    __tablename__ = "import_file"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_import.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    change_count: Mapped[int] = mapped_column(Integer, server_default="0")
    made_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]


class ImportEntry(Base):
    """One entry of the file: where it stands there, how it compares (``standing``), what was done (``outcome``) and,
    when the import was undone, what became of that (``reversal``).

    ``twins`` are other entries of nearly the same title; ``problem`` is why it cannot be taken. ``version_before`` is
    what ``record`` was compared with, ``version_after`` what this import wrote.
    """

    __tablename__ = "import_entry"
    __table_args__ = (
        CheckConstraint(_listed("standing", STANDINGS), name="standing"),
        CheckConstraint(_listed("outcome", OUTCOMES), name="outcome"),
        CheckConstraint(_listed("reversal", REVERSALS), name="reversal"),
    )

    import_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_import.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    place: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(String(500))
    provider: Mapped[str] = mapped_column(String(200))
    record: Mapped[Resource | None] = mapped_column(RecordColumn(Resource))
    standing: Mapped[str] = mapped_column(String(10), server_default="")
    resource_id: Mapped[UUID | None] = mapped_column(ForeignKey("resource.id"))
    version_before: Mapped[int | None] = mapped_column(Integer)
    is_update: Mapped[bool] = mapped_column(server_default="false")
    twins: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    problem: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    outcome: Mapped[str] = mapped_column(String(10), server_default="")
    version_after: Mapped[int | None] = mapped_column(Integer)
    reversal: Mapped[str] = mapped_column(String(10), server_default="")


class ImportCell(Base):
    """What was found in one cell: a problem that a person mends, or a repair with what the cell would become.

    ``fault`` is the repair's kind, empty for a problem; ``after`` is none where a person must say. ``typed`` is what
    somebody put instead, ``is_chosen`` whether it is to be applied.
    """

    __tablename__ = "import_cell"
    __table_args__ = (
        CheckConstraint("severity IN ('error', 'warning')", name="severity"),
        Index("ix_import_cell_fault", "import_id", "fault"),
    )

    import_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_import.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    fault: Mapped[str] = mapped_column(String(30), server_default="")
    rule: Mapped[str] = mapped_column(String(60), server_default="")
    severity: Mapped[str] = mapped_column(String(10))
    sheet: Mapped[str] = mapped_column(Text)
    row: Mapped[int] = mapped_column(Integer)
    letters: Mapped[str] = mapped_column(String(3))
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    problem: Mapped[str] = mapped_column(Text)
    problem_en: Mapped[str] = mapped_column(Text)
    remedy: Mapped[str] = mapped_column(Text, server_default="")
    is_certain: Mapped[bool] = mapped_column(server_default="false")
    is_chosen: Mapped[bool] = mapped_column(server_default="false")
    typed: Mapped[str | None] = mapped_column(Text)


class RememberedMapping(Base):
    """What the columns of files with these headers are, as somebody of the department said last."""

    __tablename__ = "import_mapping"

    org_code: Mapped[str] = mapped_column(ForeignKey("organisation.code", onupdate="CASCADE"), primary_key=True)
    header_signature: Mapped[str] = mapped_column(String(64), primary_key=True)
    mapping: Mapped[ColumnMapping] = mapped_column(RecordColumn(ColumnMapping))
    chosen_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    chosen_at: Mapped[datetime]
