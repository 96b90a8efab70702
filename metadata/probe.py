"""Probe (挂接探测): what a node saw of one mount at one moment, and the task it was given. Never values of rows."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from metadata.record import Record
from metadata.resource import Item, Mount, MountKind

MAX_MISMATCHES = 100

# Where the time of the last change comes from: commit timestamps of the rows; a change of the statistics' counters
# since the probe before (so the time is when it was noticed, at most one probe late); the file's own time; the
# service's Last-Modified.
ChangeSource = Literal["commit_timestamp", "statistics", "file_time", "last_modified"]
MismatchKind = Literal["missing", "extra", "changed"]

_SENTENCES: dict[MismatchKind, str] = {
    "missing": "缺少“{column}”（目录声明为 {declared}）",
    "extra": "多出目录没有的“{column}”（{found}）",
    "changed": "“{column}”现为 {found}，目录声明为 {declared}",
}

CHANGE_SOURCES: dict[ChangeSource, str] = {
    "commit_timestamp": "提交时间",
    "statistics": "统计计数变化（以探测到变化之日计）",
    "file_time": "文件修改时间",
    "last_modified": "服务给出的 Last-Modified",
}


class Mismatch(Record):
    """One column that is not as the catalogue declares. ``extra`` ones do no harm to what is declared."""

    kind: MismatchKind
    column: Annotated[str, Field(max_length=200)]
    declared: Annotated[str, Field(max_length=200)] = ""
    found: Annotated[str, Field(max_length=200)] = ""

    @property
    def zh(self) -> str:
        """The mismatch as a sentence."""
        return _SENTENCES[self.kind].format(
            column=self.column, declared=self.declared or "无类型", found=self.found or "无类型"
        )


class ProbeTask(Record):
    """One mount to look at, with the items of its entry."""

    resource_id: UUID
    title: str
    mount: Mount
    items: tuple[Item, ...] = ()


class ProbeTaskPage(Record):
    """The mounts of one node in the order of their entries' ids; ``next`` is what to ask ``after``, or None."""

    tasks: tuple[ProbeTask, ...] = ()
    next: UUID | None = None


class Probe(Record):
    """What was seen of a mount.

    ``is_matching``: every declared column is there with its declared type; where nothing is declared or the format has
    no columns, nothing contradicts. ``row_count`` of a table is the planner's estimate. ``problem`` is the code of what
    stood in the way with its Chinese sentence in ``problem_zh``; empty when the mount was reached.
    """

    resource_id: UUID
    mount_id: str = Field(min_length=1, max_length=64)
    node_id: str = Field(min_length=1, max_length=64)
    kind: MountKind
    probed_at: datetime
    is_reachable: bool
    is_matching: bool
    mismatches: tuple[Mismatch, ...] = Field(default=(), max_length=MAX_MISMATCHES)
    row_count: int | None = Field(default=None, ge=0)
    size_bytes: int | None = Field(default=None, ge=0)
    last_changed_at: datetime | None = None
    changed_by: ChangeSource | None = None
    problem: str = Field(default="", max_length=64)
    problem_zh: str = Field(default="", max_length=500)
