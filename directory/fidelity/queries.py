"""Reads fidelity certificates: those of one entry, for people who may see the routes they are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from directory.access.batches import granted_routes
from directory.access.grant_models import RouteRow
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
    return _certified(session, actor, CertificateRow.resource_identifier == identifier) if identifier else ()


def certificates_by(session: Session, actor: Actor, node_id: str) -> Sequence[Certified]:
    """Those that a node has given of what it provides, within the same bounds and in the same order."""
    provided = select(RouteRow.route_id).where(RouteRow.provider_node == node_id)
    return _certified(session, actor, CertificateRow.route_id.in_(provided))


def _certified(session: Session, actor: Actor, wanted: ColumnElement[bool]) -> Sequence[Certified]:
    routes = granted_routes(session, actor)
    rows = session.scalars(
        select(CertificateRow)
        .where(wanted, CertificateRow.route_id.in_(routes))
        .order_by(CertificateRow.resource_version.desc(), CertificateRow.compared_at.desc())
    )
    found = []
    for row in rows:
        signed = Signed.from_bytes(row.body)
        certificate = FidelityCertificate.from_bytes(signed.payload_bytes())  # verified when it was taken
        consumer = organisation(session, routes[row.route_id][1].requester_org)
        found.append(Certified(certificate, signed, consumer.name, row.received_at))
    return found
