"""What a department asks for and what it is given: AccessRequest (申请), Grant (授权), and words on a grant's life."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, model_validator

from metadata.record import Record, canonical_bytes
from metadata.resource import Item, MountColumn
from metadata.signed import Signed
from standards.crypto import digest_hex

Frequency = Literal["once", "daily", "weekly", "monthly"]
Method = Literal["batch"]
GrantKind = Literal["table", "file", "folder"]

MAX_TABLES = 20
"""Tables granted together."""


class RegionFilter(Record):
    """Rows whose region code begins with one of these prefixes (2 to 12 digits of GB/T 2260)."""

    template: Literal["region"] = "region"
    field: str
    prefixes: tuple[Annotated[str, Field(pattern=r"^[0-9]{2,12}$")], ...] = Field(min_length=1, max_length=100)


class EqualsFilter(Record):
    """Rows whose value, as text, is one of these."""

    template: Literal["equals"] = "equals"
    field: str
    values: tuple[Annotated[str, Field(max_length=200)], ...] = Field(min_length=1, max_length=1000)


class SinceFilter(Record):
    """Rows whose day, counted in Beijing time (UTC+08:00, always), is this one or a later one; rows without a day are
    not among them.

    Of a ``date`` it is that day; of a ``timestamp without time zone`` the day it is written with; of a ``timestamp
    with time zone`` the row counts from 00:00 +08:00 of the day on, whatever zone the server or a session is set to.
    """

    template: Literal["since"] = "since"
    field: str
    since: date


RowFilter = Annotated[RegionFilter | EqualsFilter | SinceFilter, Field(discriminator="template")]


class AccessRequest(Record):
    """申请 with the fields of Article 20. ``statement`` is the promise that it is true, lawful and necessary."""

    resource: str = Field(min_length=3, max_length=100)
    items: tuple[str, ...] = Field(min_length=1, max_length=2000)
    row_filter: RowFilter | None = None
    basis: str = Field(min_length=2, max_length=2000, pattern=r"\S")
    scenario: str = Field(min_length=2, max_length=2000, pattern=r"\S")
    scope: str = Field(min_length=2, max_length=2000, pattern=r"\S")
    method: Method = "batch"
    frequency: Frequency = "daily"
    valid_until: date
    statement: StrictBool


class GrantEnd(Record):
    """One end of a route: department code and name, node id, and the ids of the keys the grant binds, of all suites.

    A key stands for those that follow it by the node's own ``key_change``.
    """

    org_code: str
    org_name: str
    node_id: str
    identity_key_id: str
    sm2_identity_key_id: str = ""
    decryption_key_ids: tuple[str, ...] = ()


class Grant(Record):
    """A signed permission to send these columns of this mount, filtered so, on this route, until then.

    A table has ``schema_name``, ``table`` and at least one of ``columns``; a file or folder has ``path``, relative to
    the folder that the provider's node serves, and travels whole. ``minimum_suite`` is the suite it is sealed in.
    ``route_id`` is the lineage's (``route_id()`` below), so a renewal goes on with the sequence. ``provide_by_on`` is
    Article 22's due date. ``snapshot_group`` names, sorted, the routes of all tables granted together, its own among
    them: what travels of them is of one instant, and takes effect together or not at all. Alone it is left out, so that
    such a grant has the bytes it always had. ``box_mas`` is the entry's box (west, south, east, north in thousandths of
    an arc second) where items are judged by it (``metadata.base_rules``), else left out. ``most_rows`` is how many rows
    a batch may have at most, ``most_calls`` how many calls a day a service takes; each stands here only where the entry
    publishes such a cap. It binds only together with the provider node's ``Countersignature``.
    """

    grant_id: str
    route_id: str
    request_id: str
    resource_identifier: str
    resource_code: str
    resource_title: str
    resource_version: int = Field(ge=1)
    mount_id: str
    kind: GrantKind = "table"
    schema_name: str = ""
    table: str = ""
    path: str = Field(default="", max_length=1000)
    columns: tuple[MountColumn, ...] = ()
    items: tuple[Item, ...] = Field(min_length=1)
    row_filter: RowFilter | None = None
    provider: GrantEnd
    consumer: GrantEnd
    target_table: str = Field(min_length=1, max_length=63)
    purpose: str
    basis: str
    method: Method = "batch"
    frequency: Frequency = "daily"
    valid_from: date
    valid_until: date
    provide_by_on: date
    minimum_suite: int = Field(default=1, ge=1, le=255)
    snapshot_group: tuple[str, ...] = Field(default=(), max_length=MAX_TABLES, exclude_if=lambda routes: not routes)
    box_mas: tuple[int, int, int, int] | None = Field(default=None, exclude_if=lambda box: box is None)
    most_rows: int | None = Field(default=None, ge=1, exclude_if=lambda most: most is None)
    most_calls: int | None = Field(default=None, ge=1, exclude_if=lambda most: most is None)
    issued_at: datetime

    @model_validator(mode="after")
    def _names_its_mount(self) -> Self:
        is_named = bool(self.table and self.columns) if self.kind == "table" else bool(self.path)
        if not is_named:
            raise ValueError("a table needs its name and columns, a file or folder its path")
        group = self.snapshot_group
        if group and (self.kind != "table" or len(group) < 2 or self.route_id not in group):
            raise ValueError("a group is of two or more tables, this one among them")
        if list(group) != sorted(set(group)):
            raise ValueError("a group's routes are sorted, none twice")
        return self


class GrantNotice(Record):
    """What everybody who follows the feed is told of a grant: whose route, until when, and the digest of its exact
    bytes, which only its two ends are given. Nobody tries grants against the digest: ``request_id`` is random.
    """

    grant_id: str
    route_id: str
    grant_digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    provider: GrantEnd
    consumer: GrantEnd
    valid_from: date
    valid_until: date
    minimum_suite: int = Field(default=1, ge=1, le=255)
    issued_at: datetime

    @classmethod
    def of(cls, grant: Grant, grant_digest: str) -> Self:
        """The notice of a grant whose exact bytes have this digest."""
        own = {name: getattr(grant, name) for name in cls.model_fields if name != "grant_digest"}
        return cls.model_validate(own | {"grant_digest": grant_digest})


class Countersignature(Record):
    """The provider's node confirms a grant by the digest of its exact bytes.

    It goes to everybody, so it no longer names the person who confirmed there: ``Countersigned`` does.
    """

    grant_id: str
    grant_digest: str
    node_id: str
    confirmed_by: str = Field(default="", exclude_if=lambda name: not name)
    confirmed_at: datetime


class Countersigned(Record):
    """What the provider's node tells the directory: its signed word for everybody, and who confirmed there."""

    countersignature: Signed
    confirmed_by: str = Field(max_length=200)


class GrantChange(Record):
    """Suspension, resumption or termination of a grant. Its reason is told to people, by the directory, and no longer
    stands in the feed.
    """

    grant_id: str
    to: Literal["suspended", "active", "terminated"]
    reason: str = Field(default="", exclude_if=lambda reason: not reason)
    at: datetime


def route_id(resource_identifier: str, mount_id: str, provider_node_id: str, consumer_node_id: str) -> str:
    """The id of a lineage of grants: the same resource, mount and two nodes always give the same route."""
    return "r-" + digest_hex(canonical_bytes([resource_identifier, mount_id, provider_node_id, consumer_node_id]))[:24]
