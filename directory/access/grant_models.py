"""Grants as they were signed, and the routes that they stand on."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class RouteRow(Base):
    """One lineage of grants: resource, mount and two nodes. A consumer's target table belongs to one route."""

    __tablename__ = "route"
    __table_args__ = (UniqueConstraint("consumer_node", "target_table", name="uq_route_target"),)

    route_id: Mapped[str] = mapped_column(primary_key=True)
    provider_node: Mapped[str] = mapped_column(ForeignKey("node.node_id"), index=True)
    consumer_node: Mapped[str] = mapped_column(ForeignKey("node.node_id"), index=True)
    target_table: Mapped[str]


class GrantRow(Base):
    """A grant's exact signed bytes, and the countersignature that makes it bind. Its state is its request's.

    A request has one for each table it takes items from; of no route two.
    """

    __tablename__ = "grant_record"
    __table_args__ = (UniqueConstraint("request_id", "route_id", name="uq_grant_record_request_id_route_id"),)

    grant_id: Mapped[str] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("request.id"))
    route_id: Mapped[str] = mapped_column(ForeignKey("route.route_id"), index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str]
    issued_at: Mapped[datetime]
    valid_until: Mapped[date]
    provide_by_on: Mapped[date]
    countersignature: Mapped[bytes | None] = mapped_column(LargeBinary)
    countersigned_by: Mapped[str | None]
    countersigned_at: Mapped[datetime | None]
