"""What a provider brings back to a relay that was restored from an old backup: batches that are over, in order.

Their bytes are not needed any more; the provider's announcement and the consumer's signed last word on it are.
"""

from fastapi import APIRouter
from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from exchange.errors import ExchangeError
from exchange.keys.trust import TrustSet
from exchange.peers.relay_client import History, Past
from exchange.receipts import signed_at
from exchange.relay.access import Body, CallerId, RelayParts, ends
from exchange.relay.routes import require_order, sign_stored
from exchange.relay.tables import BATCH, RECEIPT, lock
from metadata.exchange import RECEIPT as RECEIPT_KIND
from metadata.exchange import Manifest, Receipt

router = APIRouter(prefix="/relay/v1/routes/{route_id}")


@router.post("/history", status_code=204)
def restore(route_id: str, content: Body, held: RelayParts, node_id: CallerId) -> None:
    """Take batches that are over, each after the one before; what is here already stays as it is.

    409 ``EXPECTED_SEQ``, ``OUT_OF_ORDER``, ``RECEIPT_BAD``.
    """
    trust, provider, consumer = ends(held, route_id)
    if node_id != provider:
        raise ExchangeError("NOT_AN_END", node_id=node_id, route_id=route_id)
    told = [(past, *_opened(trust, provider, consumer, past)) for past in History.from_bytes(content).batches]
    with held.engine.begin() as connection:
        lock(connection, route_id)
        for past, manifest, receipt in told:
            if manifest.route_id != route_id or (receipt.route_id, receipt.seq) != (route_id, manifest.seq):
                raise ExchangeError("RECEIPT_BAD", kind=receipt.kind, reason="it is of another batch")
            place = (BATCH.c.route_id == route_id, BATCH.c.seq == manifest.seq)
            if connection.scalar(select(BATCH.c.seq).where(*place)) is None:
                require_order(connection, manifest)
                now = held.clock()
                connection.execute(
                    insert(BATCH).values(
                        route_id=route_id,
                        seq=manifest.seq,
                        digest=manifest.digest,
                        manifest=past.manifest.to_bytes(),
                        stored=sign_stored(held, manifest).to_bytes(),
                        announced_by=node_id,
                        announced_at=now,
                        swept_at=now,
                    )
                )
            values = {"seq": manifest.seq, "kind": receipt.kind, "body": past.last_word.to_bytes()}
            connection.execute(
                upsert(RECEIPT).values(route_id=route_id, created_at=held.clock(), **values).on_conflict_do_nothing()
            )


def _opened(trust: TrustSet, provider: str, consumer: str, past: Past) -> tuple[Manifest, Receipt]:
    """Both signatures, by keys that counted when they were made."""
    sent_at = Manifest.from_bytes(past.manifest.payload_bytes()).created_at
    said_at = signed_at(past.last_word)
    manifest = past.manifest.open("manifest/1", Manifest, lambda key_id: trust.witness(provider, key_id, sent_at))
    receipt = past.last_word.open(RECEIPT_KIND, Receipt, lambda key_id: trust.witness(consumer, key_id, said_at))
    is_of_it = receipt.kind == "refused" or (receipt.kind, receipt.batch_digest) == ("applied", manifest.digest)
    if receipt.by_node_id != consumer or not is_of_it:
        raise ExchangeError("RECEIPT_BAD", kind=receipt.kind, reason="not the consumer's last word on it")
    return manifest, receipt
