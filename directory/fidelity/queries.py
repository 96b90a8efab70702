"""Reads fidelity certificates: those of one entry, for people who may see the routes they are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.access.batches import granted_routes
from directory.actors import Actor
from directory.fidelity.models import CertificateRow
from directory.organisations.queries import organisation
from metadata.fidelity import FidelityCertificate
from metadata.signed import Signed


@dataclass(frozen=True)
class Certified:
    """A certificate, its signed form, the department whose copy was compared, and when the directory had it."""

    certificate: FidelityCertificate
    signed: Signed
    consumer_name: str
    received_at: datetime


def certificates_of(session: Session, actor: Actor, identifier: str | None) -> Sequence[Certified]:
    """An entry's certificates on routes whose exchange the actor may see, the newest version and comparison first."""
    if not identifier:
        return ()
    routes = granted_routes(session, actor)
    rows = session.scalars(
        select(CertificateRow)
        .where(CertificateRow.resource_identifier == identifier, CertificateRow.route_id.in_(routes))
        .order_by(CertificateRow.resource_version.desc(), CertificateRow.compared_at.desc())
    )
    found = []
    for row in rows:
        signed = Signed.from_bytes(row.body)
        certificate = FidelityCertificate.from_bytes(signed.payload_bytes())  # verified when it was taken
        found.append(
            Certified(
                certificate, signed, organisation(session, routes[row.route_id][1].requester_org).name, row.received_at
            )
        )
    return found
