"""A relay that lies about what it keeps and about what the consumer said: it closes nothing and loses nothing."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from metadata.exchange import Receipt
from metadata.record import canonical_bytes
from metadata.signed import Signed
from standards.crypto import SigningKey
from tests.sim import lies
from tests.sim.hostile import Answer, Lie
from tests.sim.lane import PHASES, Lane, Lanes, table
from tests.sim.lies import Json

STRANGER = SigningKey.generate()


@dataclass(frozen=True)
class Case:
    """A lie, where it leaves the provider's batch, and how often a person must redrive afterwards."""

    lie: Lie
    state: str
    code: str
    moves: int
    phases: tuple[str, ...] = ("middle",)


def _held(lie: Lie, code: str, *phases: str) -> Case:
    return Case(lie, "held", code, 1, phases or ("middle",))


def _waits(lie: Lie, state: str, code: str, *phases: str) -> Case:
    return Case(lie, state, code, 0, phases or ("middle",))


def _stored(change: Callable[[Json], Any]) -> Lie:
    return lies.document("announce", change)


def _said(kind: str, key: SigningKey, **values: Any) -> Callable[[Json], Json]:
    """A receipt of this kind by another key, about the same batch as the true one."""

    def instead(signed: Json) -> Json:
        true = Receipt.from_bytes(base64.b64decode(signed["payload"]))
        return lies.receipt(key, true.model_copy(update={"kind": kind} | values))

    return instead


def _seal(change: Callable[[bytes], bytes]) -> Callable[[Json], None]:
    """Change the bytes of every seal, the signature as it was."""

    def change_payload(data: bytes) -> bytes:
        said = json.loads(data)
        for each in said["sealed"]:
            each["sealed"] = base64.b64encode(change(base64.b64decode(each["sealed"]))).decode()
        return canonical_bytes(said)

    return lies.payload(change_payload)


def _readdressed(data: bytes) -> bytes:
    said = json.loads(data)
    for each in said["sealed"]:
        each["key_id"] = "0" * 32
    return canonical_bytes(said)


def _exchanged(said: list[Json]) -> list[Json]:
    """Each receipt with the next one's seal."""
    payloads = [json.loads(base64.b64decode(signed["payload"])) for signed in said]
    for signed, own, others in zip(said, payloads, payloads[1:] + payloads[:1], strict=True):
        signed["payload"] = base64.b64encode(canonical_bytes(own | {"sealed": others["sealed"]})).decode()
    return said


BAD = "RECEIPT_BAD"

STORING = {
    "stored_by_a_stranger": _held(_stored(_said("stored", STRANGER)), BAD, *PHASES),
    "stored_flipped": _held(_stored(lies.payload(lies.flipped(40))), BAD),
    "stored_unknown_key": _held(_stored(lambda s: s["signatures"][0].update(key_id="0" * 32)), BAD),
    "stored_other_digest": _held(_stored(lies.member(batch_digest="0" * 64)), BAD),
    "stored_other_seq": _held(_stored(lies.member(seq=99)), BAD),
    "stored_unsigned": _held(_stored(lambda s: s.update(signatures=[])), "ANSWER_BAD"),
    "stored_html": _held(lies.after("announce", lies.HTML), "ANSWER_BAD", *PHASES),
    "stored_nothing": _held(lies.instead("announce", Answer()), "ANSWER_BAD"),
    "refused_by_whim": _held(lies.instead("announce", lies.problem(409, "NOT_TODAY")), "RELAY_REFUSED", *PHASES),
    "forgetful_by_whim": _waits(lies.instead("announce", lies.problem(409, "EXPECTED_SEQ")), "sealed", "HUB_BEHIND"),
    "redirected": _held(lies.instead("announce", lies.REDIRECT), "RELAY_REFUSED"),
    "has_it_not": _waits(lies.instead("head", Answer(200)), "sealed", "RELAY_NOT_READY", *PHASES),
    "threw_it_away": _waits(lies.instead("upload", Answer(201, b"{}")), "sealed", "RELAY_NOT_READY", *PHASES),
    "upload_refused": _held(lies.instead("upload", lies.problem(403, "NOT_TODAY")), "RELAY_REFUSED"),
    "upload_full": _waits(lies.instead("upload", lies.problem(507, "RELAY_FULL")), "sealed", "RELAY_NOT_READY"),
    "upload_line_dead": _waits(lies.after("upload", lies.DEAD), "sealed", "RELAY_DOWN", *PHASES),
    "announce_line_dead_before": _waits(lies.instead("announce", lies.DEAD), "sealed", "RELAY_DOWN"),
    "announce_line_dead_after": _waits(lies.after("announce", lies.DEAD), "sealed", "RELAY_DOWN", *PHASES),
    "announce_cut": _waits(lies.cut_wire("announce", 0.5), "sealed", "RELAY_DOWN"),
    "head_broken": _waits(lies.instead("head", Answer(503)), "sealed", "RELAY_NOT_READY"),
}

CLOSING = {
    "none": _waits(lies.words(lambda said: []), "stored", "WAITING_FOR_RECEIPT", *PHASES),
    "only_verified": _waits(
        lies.words(lambda said: [s for s in said if b'"verified"' in base64.b64decode(s["payload"])]),
        "stored",
        "WAITING_FOR_RECEIPT",
    ),
    "flipped": _held(lies.words(lambda said: _each(said, lies.payload(lies.flipped(40)))), BAD, *PHASES),
    "by_a_stranger": _held(lies.words(lambda said: [_said("applied", STRANGER)(said[0])]), BAD, *PHASES),
    "refused_by_a_stranger": _held(lies.words(lambda said: [_said("refused", STRANGER)(said[0])]), BAD),
    "relabelled": _held(lies.words(lambda said: _each(said[-1:], lies.member(kind="applied"))), BAD, *PHASES),
    "other_contents": _held(lies.words(lambda said: _each(said, lies.member(contents_digest="0" * 64))), BAD),
    "seal_stripped": _held(lies.words(lambda said: _each(said, lies.member(sealed=[]))), BAD, *PHASES),
    "seals_exchanged": _held(lies.words(_exchanged), BAD, *PHASES),
    "seal_flipped": _held(lies.words(lambda said: _each(said, _seal(lambda b: bytes([b[0] ^ 1]) + b[1:]))), BAD),
    "sealed_to_another": _held(lies.words(lambda said: _each(said, lies.payload(_readdressed))), BAD),
    "other_digest": _held(lies.words(lambda said: _each(said, lies.member(batch_digest="0" * 64))), BAD),
    "unknown_key": _held(
        lies.words(lambda said: _each(said, lambda s: s["signatures"][0].update(key_id="0" * 32))), BAD
    ),
    "payload_not_base64": _held(lies.words(lambda said: _each(said, lambda s: s.update(payload="%"))), BAD),
    "byte_order_mark": _held(
        lies.words(lambda said: _each(said, lies.payload(lambda data: b"\xef\xbb\xbf" + data))), BAD
    ),
    "unsigned": _held(lies.words(lambda said: _each(said, lambda s: s.update(signatures=[]))), "ANSWER_BAD"),
    "too_many": _held(lies.words(lambda said: said * 40), "ANSWER_BAD"),
    "html": _held(lies.instead("receipts", lies.HTML), "ANSWER_BAD", *PHASES),
    "redirect": _held(lies.instead("receipts", lies.REDIRECT), "RELAY_REFUSED"),
    "dead_line": _waits(lies.instead("receipts", lies.DEAD), "stored", "RELAY_DOWN"),
    "broken": _waits(lies.instead("receipts", Answer(502)), "stored", "RELAY_NOT_READY"),
    "twice": Case(lies.words(lambda said: said * 2), "closed", "", 0),
    "reordered": Case(lies.words(lambda said: said[::-1]), "closed", "", 0),
    "spaces": Case(lies.bytes_of("receipts", lambda body: body.replace(b",", b" , ")), "closed", "", 0),
}


def _each(said: list[Json], change: Callable[[Json], Any]) -> list[Json]:
    for signed in said:
        change(signed)
    return said


def _require(lane: Lane, seq: int, case: Case) -> None:
    outcome = lane.drive("gongan", seq)
    assert (outcome.state, outcome.code) == (case.state, case.code)
    assert bool(outcome.explanation_zh) == bool(outcome.next_step) == bool(case.code)
    assert lane.findings() == []


@pytest.mark.parametrize(("phase", "case"), table(STORING))
def test_what_it_says_of_keeping(lanes: Lanes, phase: str, case: Case) -> None:
    lane = lanes.at(phase)
    before, seq = lane.route.received_rows(), lane.plan()
    lanes.relay.lie = case.lie
    _require(lane, seq, case)
    digest = lane.batch("gongan", seq).digest
    lane.recover()
    assert lane.persons_moves == case.moves
    assert lane.batch("renshe", seq).digest == lane.batch("gongan", seq).digest == digest
    assert lane.route.received_rows() != before


@pytest.mark.parametrize(("phase", "case"), table(CLOSING))
def test_what_it_says_the_consumer_said(lanes: Lanes, phase: str, case: Case) -> None:
    lane = lanes.at(phase)
    seq = lane.send()
    lane.arrive()
    assert lane.drive("renshe", seq).state == "closed"
    lanes.relay.lie = case.lie
    _require(lane, seq, case)
    lane.recover()
    assert lane.persons_moves == case.moves


def _of(lane: Lane, seq: int, kind: str) -> Json:
    with lane.nodes["renshe"].engine.connect() as connection:
        body = connection.exec_driver_sql(
            "SELECT body FROM receipt WHERE route_id = %s AND seq = %s AND kind = %s", (lane.route.route_id, seq, kind)
        ).scalar_one()
    return Signed.from_bytes(bytes(body)).model_dump(mode="json")


@pytest.mark.parametrize("phase", PHASES)
def test_applied_before_anything_has_come(lanes: Lanes, phase: str) -> None:
    """The relay's own key, and a stranger's, sign what only the consumer may say."""
    lane = lanes.at(phase)
    before, seq = lane.route.received_rows(), lane.send()
    batch = lane.batch("gongan", seq)
    said = Receipt(
        kind="applied",
        route_id=lane.route.route_id,
        seq=seq,
        batch_digest=batch.digest,
        by_node_id="renshe",
        at=datetime.now(UTC),
        contents_digest="0" * 64,
    )
    lanes.relay.lie = lies.words(lambda _: [lies.receipt(STRANGER, said)])
    outcome = lane.drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("stored", "WAITING_FOR_RECEIPT") or outcome.code == BAD
    lanes.relay.lie = lies.document("receipts", lambda _: {"receipts": [lies.receipt(STRANGER, said)]})
    outcome = lane.drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("held", BAD)
    assert lane.route.received_rows() == before
    lane.recover()
    assert lane.persons_moves == 1


def test_the_batch_befores_receipts(lanes: Lanes) -> None:
    lane = lanes.at("middle")
    early = lane.last("renshe")
    assert early is not None
    old = _of(lane, early.seq, "applied")
    seq = lane.send()
    lanes.relay.lie = lies.document("receipts", lambda _: {"receipts": [old]})
    outcome = lane.drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("held", BAD)
    lane.recover()


def test_another_routes_receipts(lanes: Lanes) -> None:
    other = lanes.new()
    other_seq = other.send()
    other.recover()
    lane = lanes.at("middle")
    seq = lane.send()
    lanes.relay.lie = lies.document("receipts", lambda _: {"receipts": [_of(other, other_seq, "applied")]})
    outcome = lane.drive("gongan", seq)
    assert (outcome.state, outcome.code) == ("held", BAD)
    lane.recover()


def test_our_own_call_a_second_time(lanes: Lanes) -> None:
    """A relay's front replays what it has seen; the answer to the first is what counts, and nothing stands twice."""
    lane = lanes.at("middle")
    seq = lane.plan()

    def replay(call: Any, ask: Any) -> Answer:
        first: Answer = ask(call)
        ask(call)
        return first

    lanes.relay.lie = replay
    assert lane.drive("gongan", seq).state == "stored"
    lane.arrive()
    assert lane.drive("renshe", seq).state == "closed"
    lane.recover()
    assert lane.persons_moves == 0


@pytest.mark.parametrize("phase", PHASES)
def test_receipts_it_will_not_take(lanes: Lanes, phase: str) -> None:
    lane = lanes.at(phase)
    seq = lane.send()
    lane.arrive()
    lanes.relay.lie = lies.instead("reply", lies.problem(403, "NOT_TODAY"))
    outcome = lane.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("held", "RELAY_REFUSED")
    assert lane.applied()[-1] == seq  # what is applied stays applied, once
    lane.recover()
    assert lane.applied().count(seq) == 1
    assert lane.persons_moves == 1
