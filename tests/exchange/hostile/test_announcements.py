"""A relay that lies about what is announced: dropped, forged, swapped, replayed, renumbered, not even JSON."""

import gzip
import json
from dataclasses import dataclass
from typing import Any

import pytest

from metadata.signed import Signed
from standards.crypto import SigningKey
from tests.sim import lies
from tests.sim.hostile import Answer, Lie
from tests.sim.lane import PHASES, Lane, Lanes, table
from tests.sim.lies import Json

STRANGER = SigningKey.generate()


@dataclass(frozen=True)
class Case:
    """A lie about the listing. ``code``: of the quarantine, or of the failed look; empty when nothing arrives.

    ``moves``: how often a person must redrive before the route goes on.
    """

    lie: Lie
    code: str = ""
    moves: int = 0
    phases: tuple[str, ...] = ("middle",)


def _signature(item: Json) -> Json:
    first: Json = item["manifest"]["signatures"][0]
    return first


def _set_signature(**values: str) -> Lie:
    return lies.listed(lambda item: _signature(item).update(values))


def _manifest(change: Any) -> Lie:
    return lies.listed(lambda item: change(item["manifest"]))


def _forged(item: Json, seq: int, **values: Any) -> Json:
    copy: Json = json.loads(json.dumps(item)) | {"seq": seq}
    lies.signed_anew(STRANGER, seq=seq, **values)(copy)
    return copy


def _jump(seq: int) -> Lie:
    return lies.items(lambda items: [_forged(items[-1], seq, replaces_seq=seq - 1)])


def _under_our_key(item: Json) -> None:
    ours = _signature(item)["key_id"]
    lies.signed_anew(STRANGER)(item)
    _signature(item)["key_id"] = ours


def _in_full_width(signature: Json) -> None:
    signature["key_id"] = signature["key_id"].translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})


BAD = "MANIFEST_BAD"

WITHHELD = {
    "dropped": Case(lies.items(lambda items: []), phases=PHASES),
    "reordered": Case(lies.items(lambda items: [_forged(items[-1], items[-1]["seq"] + 1), *items]), phases=PHASES),
    "gap": Case(lies.items(lambda items: [items[-1] | {"seq": items[-1]["seq"] + 1}])),
    "fast_forward": Case(_jump(2**62), phases=PHASES),
    "beyond_any_number": Case(_jump(2**80), "ANSWER_BAD"),
    "other_jump": Case(lies.items(lambda items: [_forged(items[-1], 900, replaces_seq=899, route_id="r-other")])),
    "no_signature": Case(_manifest(lambda signed: signed.update(signatures=[])), "ANSWER_BAD", phases=PHASES),
    "nine_signatures": Case(_manifest(lambda s: s.update(signatures=s["signatures"] * 9)), "ANSWER_BAD"),
    "unknown_member": Case(lies.listed(lambda item: item.update(note="x")), "ANSWER_BAD"),
    "too_many": Case(lies.items(lambda items: items * 101), "ANSWER_BAD"),
    "negative": Case(lies.listed(lambda item: item.update(seq=-1)), "ANSWER_BAD"),
    "duplicate_keys": Case(lies.bytes_of("listing", lambda b: b.replace(b'{"batches"', b'{"batches":[],"batches"')),
                           "ANSWER_BAD"),
    "deeply_nested": Case(lies.instead("listing", Answer(200, b"[" * 100_000)), "ANSWER_BAD"),
    "huge_number": Case(lies.instead("listing", Answer(200, b'{"batches":' + b"9" * 9000 + b"}")), "ANSWER_BAD"),
    "not_utf8": Case(lies.instead("listing", Answer(200, b'{"batches":"\xff\xfe"}')), "ANSWER_BAD"),
    "html": Case(lies.instead("listing", lies.HTML), "ANSWER_BAD", phases=PHASES),
    "empty": Case(lies.instead("listing", Answer()), "ANSWER_BAD"),
    "truncated_json": Case(lies.bytes_of("listing", lambda body: body[:-20]), "ANSWER_BAD"),
    "bomb": Case(
        lies.instead("listing", Answer(200, gzip.compress(b" " * 50_000_000), {"Content-Encoding": "gzip"})),
        "ANSWER_BAD",
    ),
    "endless": Case(lies.instead("listing", Answer(200, b" " * (33 * 1024 * 1024))), "ANSWER_BAD"),
    "redirect": Case(lies.instead("listing", lies.REDIRECT), "RELAY_REFUSED", phases=PHASES),
    "busy": Case(lies.instead("listing", lies.problem(429, "BUSY")), "RELAY_NOT_READY"),
    "broken": Case(lies.instead("listing", Answer(500, b"oops")), "RELAY_NOT_READY"),
    "dead_line": Case(lies.instead("listing", lies.DEAD), "RELAY_DOWN"),
    "cut_short": Case(lies.cut_wire("listing", 0.5), "RELAY_DOWN"),
    "chunked_lies": Case(lies.chunked("listing"), "RELAY_DOWN"),
    "not_http": Case(lies.instead("listing", Answer(wire=b"220 smtp ready\r\n")), "RELAY_DOWN"),
}  # fmt: skip

FORGED = {
    "payload_flipped": Case(_manifest(lies.payload(lies.flipped(30))), BAD, 1, PHASES),
    "signature_flipped": Case(_set_signature(value="A" * 86 + "=="), BAD, 1),
    "signature_not_base64": Case(_set_signature(value="%%%"), BAD, 1),
    "payload_not_base64": Case(_manifest(lambda signed: signed.update(payload="%%%")), BAD, 1, PHASES),
    "unknown_key": Case(_set_signature(key_id="0" * 32), BAD, 1, PHASES),
    "confusable_key": Case(lies.listed(lambda item: _in_full_width(_signature(item))), BAD, 1),
    "signed_by_a_stranger": Case(lies.listed(lies.signed_anew(STRANGER)), BAD, 1, PHASES),
    "strangers_signature_under_our_key": Case(lies.listed(_under_our_key), BAD, 1),
    "other_kind": Case(_manifest(lambda signed: signed.update(kind="receipt/1")), BAD, 1),
    "relays_receipt_as_manifest": Case(lies.listed(lambda item: item.update(manifest=item["stored"])), BAD, 1),
    "suite_downgraded": Case(_manifest(lies.member(suite=0)), BAD, 1, PHASES),
    "size_changed": Case(_manifest(lies.member(size_bytes=1)), BAD, 1),
    "digest_changed": Case(_manifest(lies.member(digest="0" * 64)), BAD, 1),
    "previous_changed": Case(_manifest(lies.member(previous_digest="0" * 64)), BAD, 1),
    "grant_changed": Case(_manifest(lies.member(grant_id="g-other")), BAD, 1),
    "replaces_invented": Case(_manifest(lies.member(replaces_seq=1)), BAD, 1),
    "confusable_route": Case(_manifest(lies.payload(lambda data: data.replace(b'"r-', '"г-'.encode()))), BAD, 1),
    "byte_order_mark": Case(_manifest(lies.payload(lambda data: b"\xef\xbb\xbf" + data)), BAD, 1),
    "not_canonical": Case(_manifest(lies.payload(lambda data: data.replace(b",", b", "))), BAD, 1),
    "member_twice": Case(_manifest(lies.payload(lambda d: d.replace(b'"seq"', b'"seq":9,"seq"'))), BAD, 1),
    "not_a_record": Case(_manifest(lies.payload(lambda _: b"null")), BAD, 1),
    "forged_before_true": Case(lies.items(lambda items: [_forged(items[-1], items[-1]["seq"]), *items]), BAD, 1),
    "a_hundred_to_come": Case(
        lies.items(lambda items: [_forged(items[-1], items[-1]["seq"] + n) for n in range(100)]), BAD, 1, PHASES
    ),
}

UNHARMED = {
    "twice": lies.items(lambda items: items * 2),
    "second_signature": _manifest(lambda s: s["signatures"].append({"key_id": "0" * 32, "value": "AA=="})),
    "second_signature_first": _manifest(lambda s: s["signatures"].insert(0, {"key_id": "0" * 32, "value": "AA=="})),
    "forged_after_true": lies.items(lambda items: [*items, _forged(items[-1], items[-1]["seq"])]),
    "spaces": lies.bytes_of("listing", lambda body: body.replace(b",", b" , ")),
    "wrong_type": lies.about("listing", lambda call, ask: Answer(200, ask(call).body, {"Content-Type": "text/html"})),
    "odd_status": lies.about("listing", lambda call, ask: Answer(206, ask(call).body)),
}


def _sent(lanes: Lanes, phase: str) -> tuple[Lane, int, list[Any]]:
    lane = lanes.at(phase)
    before = lane.route.received_rows()
    return lane, lane.send(), before


@pytest.mark.parametrize(("phase", "case"), table(WITHHELD))
def test_what_does_not_arrive_is_waited_for(lanes: Lanes, phase: str, case: Case) -> None:
    lane, seq = lanes.resting(phase, is_known=False)
    before = lane.route.received_rows()
    lanes.relay.lie = case.lie
    assert lane.arrive() == case.code
    newest = lane.last("renshe")
    assert newest is None or newest.seq == seq - 1
    assert lane.route.received_rows() == before


def test_what_did_not_arrive_goes_on_by_itself(lanes: Lanes) -> None:
    assert lanes.wake() > 0


@pytest.mark.parametrize(("phase", "case"), table(FORGED))
def test_what_is_forged_is_refused(lanes: Lanes, phase: str, case: Case) -> None:
    lane, seq, before = _sent(lanes, phase)
    lanes.relay.lie = case.lie
    assert lane.arrive() == ""
    lane.arrive()
    newest = lane.last("renshe")
    assert newest is not None
    assert newest.seq == seq
    outcome = lane.drive("renshe", seq)
    assert (outcome.state, outcome.code) == ("quarantined", case.code)
    assert outcome.explanation_zh
    assert outcome.next_step
    lane.arrive()
    assert lane.last("renshe").seq == seq  # type: ignore[union-attr]
    assert lane.route.received_rows() == before
    assert seq not in lane.applied()
    assert lane.findings() == []
    lane.recover()
    assert lane.persons_moves == case.moves
    assert lane.batch("gongan", seq).code == case.code


@pytest.mark.parametrize("name", UNHARMED)
def test_what_changes_nothing_stops_nothing(lanes: Lanes, name: str) -> None:
    lane, seq, _ = _sent(lanes, "middle")
    lanes.relay.lie = UNHARMED[name]
    assert lane.arrive() == ""
    assert lane.drive("renshe", seq).state == "closed"
    lane.recover()
    assert lane.persons_moves == 0


def test_an_earlier_announcement_in_the_next_place(lanes: Lanes) -> None:
    lane = lanes.at("middle")
    early = Signed.from_bytes(lane.last("gongan").manifest).model_dump(mode="json")  # type: ignore[union-attr]
    seq, before = lane.send(), lane.route.received_rows()
    lanes.relay.lie = lies.listed(lambda item: item.update(manifest=early))
    lane.arrive()
    assert (lane.drive("renshe", seq).code, lane.route.received_rows()) == ("REPLAYED", before)
    lane.recover()
    assert lane.persons_moves == 1


@pytest.mark.parametrize("phase", PHASES)
def test_another_routes_announcement(lanes: Lanes, phase: str) -> None:
    other = lanes.new()
    foreign = Signed.from_bytes(other.batch("gongan", other.send()).manifest).model_dump(mode="json")
    lane, seq, before = _sent(lanes, phase)
    lanes.relay.lie = lies.about(
        "listing",
        lambda call, ask: (
            lies.listed(lambda item: item.update(manifest=foreign))(call, ask)
            if lane.route.route_id in call.target
            else ask(call)
        ),
    )
    lane.arrive()
    assert (lane.drive("renshe", seq).code, lane.route.received_rows()) == ("SWAPPED", before)
    lane.recover()
    other.recover()


def test_an_announcement_by_the_consumer_itself(lanes: Lanes) -> None:
    lane, seq, before = _sent(lanes, "middle")
    lanes.relay.lie = lies.listed(lies.signed_anew(lanes.nodes["renshe"].keys.identity))
    lane.arrive()
    assert (lane.drive("renshe", seq).code, lane.route.received_rows()) == (BAD, before)
    lane.recover()


def test_a_silent_relay(lanes: Lanes, monkeypatch: pytest.MonkeyPatch) -> None:
    lane, seq, before = _sent(lanes, "middle")
    client = lanes.nodes["renshe"].relay._http._client
    monkeypatch.setattr(client, "_timeout", type(client.timeout)(0.3))
    lanes.relay.lie = lies.instead("listing", lies.SILENT)
    assert lane.arrive() == "RELAY_DOWN"
    assert lane.route.received_rows() == before
    lane.recover()
    assert lane.last("renshe").seq == seq  # type: ignore[union-attr]
