"""What a provider could send that has a node's keys but not its program."""

from typing import Any

from exchange import columns, ledger
from exchange.envelope.header import Label
from exchange.envelope.seal import Sealer
from exchange.spool import name_of
from tests.sim.town import Route


def seal_by_hand(route: Route, seq: int, data: bytes, **label: Any) -> None:
    """Seal the planned batch ``seq`` with this plaintext; ``label`` says otherwise than the grant."""
    with route.town.node("gongan") as node, ledger.take(node.engine, route.route_id, seq, "") as batch:
        with node.engine.connect() as connection:
            before = ledger.before(connection, batch)
        place = {
            "suite": 1,
            "route_id": route.route_id,
            "seq": seq,
            "previous_digest": "" if before is None else before.digest,
            "schema_digest": columns.schema_digest(route.grant),
            "grant_id": route.grant.grant_id,
            "content": columns.content(route.grant),
            "kind": "full",
        }
        made = Label.model_validate(place | label)
        trust = node.trust()
        recipients = trust.recipients(trust.admit(route.grant.grant_id, node.now()), 1)
        with node.spool.part(route.route_id, seq, batch.lease_epoch) as part:
            with Sealer(made, recipients, node.keys.identity, part.write) as sealer:
                sealer.write(data)
                sealed = sealer.finish(1, "0" * 64, 0, (), target_rows=1)
            part.keep(name_of(route.route_id, seq, sealed.digest))
        facts = {"digest": sealed.digest, "size_bytes": sealed.size_bytes, "previous_digest": made.previous_digest}
        with node.engine.begin() as connection:
            entry = node.entry("batch:seal", batch.subject)
            ledger.move(connection, batch, "sealed", entry, node.now(), rows=1, set_aside=0, **facts)
