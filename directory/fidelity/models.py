"""Fidelity certificates as rows: appended, never changed."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from directory.db import Base


class CertificateRow(Base):
    """One certificate as its provider's node signed it (``body``). A comparison proves one certificate and no more."""

    __tablename__ = "fidelity_certificate"

    session_id: Mapped[str] = mapped_column(primary_key=True)
    route_id: Mapped[str] = mapped_column(ForeignKey("route.route_id"), index=True)
    resource_identifier: Mapped[str] = mapped_column(index=True)
    resource_version: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    compared_at: Mapped[datetime]
    received_at: Mapped[datetime]
