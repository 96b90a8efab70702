"""What a list shows of a request, and the columns it is read by: a page reads no more of the rows than it shows."""

from datetime import date, datetime
from typing import Final, Protocol
from uuid import UUID

from sqlalchemy import func

from directory.access.models import RequestRow


class Shown(Protocol):
    """A request as far as lists show it: its row, or what ``SHOWN`` read of it."""

    @property
    def id(self) -> UUID: ...
    @property
    def resource_id(self) -> UUID: ...
    @property
    def resource_title(self) -> str: ...
    @property
    def requester_org(self) -> str: ...
    @property
    def provider_org(self) -> str: ...
    @property
    def case_no(self) -> str | None: ...
    @property
    def state(self) -> str: ...
    @property
    def stage(self) -> str: ...
    @property
    def created_by(self) -> UUID: ...
    @property
    def handler(self) -> UUID: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def submitted_at(self) -> datetime | None: ...
    @property
    def counted_from(self) -> date | None: ...
    @property
    def limit_days(self) -> int | None: ...
    @property
    def due_on(self) -> date | None: ...


SHOWN: Final = (
    RequestRow.id,
    RequestRow.resource_id,
    RequestRow.resource_title,
    RequestRow.requester_org,
    RequestRow.provider_org,
    RequestRow.case_no,
    RequestRow.state,
    RequestRow.stage,
    RequestRow.created_by,
    func.coalesce(RequestRow.handled_by, RequestRow.created_by).label("handler"),
    RequestRow.created_at,
    RequestRow.submitted_at,
    RequestRow.counted_from,
    RequestRow.limit_days,
    RequestRow.due_on,
)
