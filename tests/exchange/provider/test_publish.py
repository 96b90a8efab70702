"""What goes to the relay is what was sealed, in segments that make it up."""

import pytest

from exchange import steps
from exchange.errors import ExchangeError
from exchange.provider import publish
from exchange.spool import name_of
from standards.crypto import digest_hex
from tests.sim.checker import SmallChecker
from tests.sim.town import Town


def test_only_what_was_sealed_is_sent(town: Town) -> None:
    route = town.route()
    seq = route.plan()
    with town.node("gongan") as node:
        steps.step(node, route.route_id, seq, SmallChecker())
        batch = route.batch("gongan", seq)
        path = node.spool.folder / name_of(batch.route_id, batch.seq, batch.digest)
        sealed = path.read_bytes()
        for altered in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:-1], sealed + b"?", b""):
            path.write_bytes(altered)
            with pytest.raises(ExchangeError) as refused:
                publish.upload(node, batch)
            assert refused.value.code == "SPOOL_ALTERED"
        path.write_bytes(sealed)
        segments = publish.upload(node, batch)
        size = node.settings.segment_bytes
        cut = [sealed[start : start + size] for start in range(0, len(sealed), size)]
        assert [segment.digest for segment in segments] == [digest_hex(piece) for piece in cut]
        assert [segment.size_bytes for segment in segments] == [len(piece) for piece in cut]
    route.require("gongan", seq, "stored")
