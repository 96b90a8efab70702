"""Probes as rows: appended, never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base, RecordColumn
from metadata.probe import Probe


class MountProbe(Base):
    """One probe of one mount. A node says each once: the same mount at the same instant again changes nothing."""

    __tablename__ = "mount_probe"

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    mount_id: Mapped[str] = mapped_column(primary_key=True)
    probed_at: Mapped[datetime] = mapped_column(primary_key=True)
    node_id: Mapped[str] = mapped_column(ForeignKey("node.node_id"))
    probe: Mapped[Probe] = mapped_column(RecordColumn(Probe))
    received_at: Mapped[datetime]
