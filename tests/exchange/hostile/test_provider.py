"""A provider's own key in wrong hands, with the relay's help: what it signs is refused where it does not fit."""

from typing import Any

import pytest

from metadata.exchange import Manifest
from metadata.signed import Signed
from tests.sim import lies
from tests.sim.hostile import Answer
from tests.sim.lane import Lane, Lanes


def _manifest(lane: Lane, seq: int) -> Manifest:
    return Manifest.from_bytes(Signed.from_bytes(lane.batch("gongan", seq).manifest).payload_bytes())


def _announce(lane: Lane, seq: int, **changes: Any) -> None:
    """The relay lists what the provider's key has signed anew."""
    said = _manifest(lane, seq).model_copy(update=changes)
    signed = Signed.sign("manifest/1", said, lane.nodes["gongan"].keys.identity).model_dump(mode="json")
    assert lane.relay is not None
    lane.relay.lie = lies.listed(lambda item: item.update(manifest=signed))
    assert lane.arrive() == ""


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("OUT_OF_ORDER", {"previous_digest": "0" * 64}),
        ("OUT_OF_ORDER", {"previous_digest": ""}),
        ("OBJECT_SIZE", {"size_bytes": 1}),
        ("SWAPPED", {"route_id": "г-" + "0" * 24}),
        ("GRANT_UNKNOWN", {"grant_id": "g-nobody"}),
    ],
)
def test_what_does_not_fit_here(lanes: Lanes, code: str, changes: dict[str, Any]) -> None:
    lane = lanes.at("middle")
    before, seq = lane.route.received_rows(), lane.send()
    _announce(lane, seq, **changes)
    outcome = lane.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("quarantined", code)
    assert lane.route.received_rows() == before
    lane.recover()
    assert lane.persons_moves == 1


def test_an_object_whose_header_belongs_elsewhere(lanes: Lanes) -> None:
    other = lanes.new()
    foreign = _manifest(other, other.send())
    content = b"".join(path.read_bytes() for path in other.route.objects(foreign.seq))
    lane = lanes.at("middle")
    before, seq = lane.route.received_rows(), lane.send()
    _announce(lane, seq, digest=foreign.digest, size_bytes=foreign.size_bytes, segments=foreign.segments)
    assert lane.relay is not None
    lane.relay.lie = lies.instead("object", Answer(206, content))
    outcome = lane.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("quarantined", "SWAPPED")
    assert lane.route.received_rows() == before
    lane.recover()
    other.recover()
