"""Sealed messages between the two ends of a route: kept some days, in order, opened by nobody here."""

from datetime import timedelta

from fastapi import APIRouter, Response
from sqlalchemy import delete, func, insert, select, text

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.peers.relay_client import Carried, Messages
from exchange.reconcile.messages import KIND, Message
from exchange.relay.access import Body, CallerId, RelayParts, ends
from exchange.relay.routes import Sequence
from exchange.relay.tables import MESSAGE
from metadata.signed import Signed

router = APIRouter(prefix="/relay/v1/routes/{route_id}")


@router.post("/messages", status_code=204)
def take(route_id: str, content: Body, held: RelayParts, node_id: CallerId) -> None:
    """Take a message of one end for the other; the same again is a success.

    409 ``MESSAGE_TAKEN`` for another in its place, 409 ``MESSAGES_MANY`` when the route has too many.
    """
    trust, provider, consumer = ends(held, route_id)
    if node_id not in (provider, consumer):
        raise ExchangeError("NOT_AN_END", node_id=node_id, route_id=route_id)
    signed = Signed.from_bytes(content)
    message = signed.open(KIND, Message, lambda key_id: trust.identity(node_id, key_id))
    other = consumer if node_id == provider else provider
    if (message.route_id, message.from_node_id, message.to_node_id) != (route_id, node_id, other):
        raise ExchangeError("NOT_AN_END", node_id=message.from_node_id, route_id=route_id)
    now = held.clock()
    with held.engine.begin() as connection:
        # Numbers are given under the lock, so that who asks for what came after one misses none.
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"messages.{route_id}"}
        )
        connection.execute(delete(MESSAGE).where(MESSAGE.c.created_at < now - timedelta(days=LIMITS.message_days)))
        standing = connection.scalar(
            select(MESSAGE.c.body).where(
                MESSAGE.c.route_id == route_id,
                MESSAGE.c.session_id == message.session_id,
                MESSAGE.c.number == message.number,
                MESSAGE.c.from_node_id == node_id,
            )
        )
        if standing is not None:
            if bytes(standing) != signed.to_bytes():
                raise ExchangeError("MESSAGE_TAKEN", number=message.number)
            return
        kept = connection.scalar(select(func.count()).select_from(MESSAGE).where(MESSAGE.c.route_id == route_id))
        if (kept or 0) >= LIMITS.messages_per_route:
            raise ExchangeError("MESSAGES_MANY", limit=LIMITS.messages_per_route)
        connection.execute(
            insert(MESSAGE).values(
                route_id=route_id,
                session_id=message.session_id,
                number=message.number,
                from_node_id=node_id,
                body=signed.to_bytes(),
                created_at=now,
            )
        )


@router.get("/messages")
def give(route_id: str, held: RelayParts, node_id: CallerId, after: Sequence = 0) -> Response:
    """What the other end has left after a number, in order, one page."""
    _, provider, consumer = ends(held, route_id)
    if node_id not in (provider, consumer):
        raise ExchangeError("NOT_AN_END", node_id=node_id, route_id=route_id)
    with held.engine.connect() as connection:
        rows = connection.execute(
            select(MESSAGE.c.id, MESSAGE.c.body)
            .where(MESSAGE.c.route_id == route_id, MESSAGE.c.id > after, MESSAGE.c.from_node_id != node_id)
            .order_by(MESSAGE.c.id)
            .limit(LIMITS.message_page)
        ).all()
    answer = Messages(messages=tuple(Carried(id=row.id, message=Signed.from_bytes(bytes(row.body))) for row in rows))
    return Response(answer.to_bytes(), media_type="application/json")
