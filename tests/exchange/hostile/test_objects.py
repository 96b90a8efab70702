"""A relay that lies about the sealed bytes: nothing but the announced bytes is ever opened."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from exchange.limits import LIMITS
from exchange.peers import outbound
from tests.sim import lies
from tests.sim.hostile import Answer, Ask, Call, Lie
from tests.sim.lane import PHASES, Lane, Lanes, table


@dataclass(frozen=True)
class Case:
    """A lie about an object, and where it leaves the batch."""

    lie: Lie
    state: str
    code: str
    phases: tuple[str, ...] = ("middle",)


def _refused(change: Callable[[bytes], bytes], code: str = "OBJECT_DIGEST", *phases: str) -> Case:
    return Case(lies.bytes_of("object", change), "quarantined", code, phases or ("middle",))


def _waits(lie: Lie, code: str, *phases: str) -> Case:
    return Case(lie, "stored", code, phases or ("middle",))


def _held(lie: Lie, code: str, *phases: str) -> Case:
    return Case(lie, "held", code, phases or ("middle",))


def _swapped_halves(body: bytes) -> bytes:
    return body[len(body) // 2 :] + body[: len(body) // 2]


def _suite_changed(body: bytes) -> bytes:
    assert b'"suite":1' in body
    return body.replace(b'"suite":1', b'"suite":0')


def _recipient_changed(body: bytes) -> bytes:
    at = body.index(b'"key_id":"') + len(b'"key_id":"')
    return body[:at] + b"0" * 32 + body[at + 32 :]


CASES = {
    "first_byte": _refused(lies.flipped(0), "OBJECT_DIGEST", *PHASES),
    "in_the_header": _refused(lies.flipped(100)),
    "in_the_middle": _refused(lambda body: lies.flipped(len(body) // 2)(body), "OBJECT_DIGEST", *PHASES),
    "in_the_signer": _refused(lies.flipped(-70)),
    "last_byte": _refused(lies.flipped(-1), "OBJECT_DIGEST", *PHASES),
    "zeroes": _refused(lambda body: bytes(len(body))),
    "halves_swapped": _refused(_swapped_halves),
    "suite_downgraded": _refused(_suite_changed, "OBJECT_DIGEST", *PHASES),
    "another_recipient": _refused(_recipient_changed, "OBJECT_DIGEST", *PHASES),
    "signature_stripped": _refused(lambda body: body[:-80], "OBJECT_TRUNCATED", *PHASES),
    "one_byte_short": _refused(lambda body: body[:-1], "OBJECT_TRUNCATED", *PHASES),
    "nothing": _refused(lambda _: b"", "OBJECT_TRUNCATED"),
    "html": Case(lies.instead("object", lies.HTML), "quarantined", "OBJECT_TRUNCATED", PHASES),
    "bomb": _held(
        lies.instead("object", Answer(200, gzip.compress(b" " * 50_000_000), {"Content-Encoding": "gzip"})),
        "ANSWER_BAD",
    ),
    "second_signature": _held(lies.bytes_of("object", lambda body: body + body[-80:]), "ANSWER_BAD", *PHASES),
    "twice_over": _held(lies.bytes_of("object", lambda body: body * 2), "ANSWER_BAD"),
    "redirect": _held(lies.instead("object", lies.REDIRECT), "RELAY_REFUSED"),
    "forbidden": _held(lies.instead("object", lies.problem(403, "NOT_TODAY")), "RELAY_REFUSED"),
}

WAITING = {
    "dropped": _waits(lies.instead("object", lies.problem(404, "OBJECT_UNKNOWN")), "WAITING_FOR_OBJECT", *PHASES),
    "full": _waits(lies.instead("object", lies.problem(507, "RELAY_FULL")), "RELAY_NOT_READY"),
    "broken": _waits(lies.instead("object", Answer(500, b"<h1>oops")), "RELAY_NOT_READY"),
    "cut_early": _waits(lies.cut_wire("object", 0.1), "RELAY_DOWN", *PHASES),
    "cut_late": _waits(lies.cut_wire("object", 0.9), "RELAY_DOWN"),
    "chunked_lies": _waits(lies.chunked("object"), "RELAY_DOWN"),
    "dead_line": _waits(lies.instead("object", lies.DEAD), "RELAY_DOWN"),
}


def _announced(lanes: Lanes, phase: str) -> tuple[Lane, int, list[Any]]:
    lane = lanes.at(phase)
    before, seq = lane.route.received_rows(), lane.send()
    assert lane.arrive() == ""
    return lane, seq, before


def _require(lane: Lane, seq: int, before: list[Any], state: str, code: str) -> None:
    outcome = lane.drive("renshe", seq)
    assert (outcome.state, outcome.code) == (state, code)
    assert outcome.explanation_zh
    assert outcome.next_step
    assert outcome.is_waiting == (state == "stored")
    assert lane.route.received_rows() == before
    assert seq not in lane.applied()
    assert lane.findings() == []


@pytest.mark.parametrize(("phase", "case"), table(CASES))
def test_other_bytes_are_never_opened(lanes: Lanes, phase: str, case: Case) -> None:
    lane, seq, before = _announced(lanes, phase)
    lanes.relay.lie = case.lie
    _require(lane, seq, before, case.state, case.code)
    lane.recover()
    assert lane.persons_moves == 1


@pytest.mark.parametrize(("phase", "case"), table(WAITING))
def test_what_does_not_come_is_waited_for(lanes: Lanes, phase: str, case: Case) -> None:
    lane, seq = lanes.resting(phase, is_known=True)
    lanes.relay.lie = case.lie
    _require(lane, seq, lane.route.received_rows(), "stored", case.code)


def test_what_was_waited_for_goes_on_by_itself(lanes: Lanes) -> None:
    assert lanes.wake() > 0


def _object_of(lane: Lane, seq: int) -> bytes:
    return b"".join(path.read_bytes() for path in lane.route.objects(seq))


def _fitted(content: bytes) -> Callable[[bytes], bytes]:
    """Another object, cut or filled up to the size of the one asked for."""
    return lambda body: content[: len(body)].ljust(len(body), b"\0")


def _spliced(content: bytes) -> Callable[[bytes], bytes]:
    return lambda body: body[: len(body) // 2] + _fitted(content)(body)[len(body) // 2 :]


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("mixed", [_fitted, _spliced])
def test_another_routes_object(lanes: Lanes, phase: str, mixed: Callable[[bytes], Any]) -> None:
    other = lanes.new()
    foreign = _object_of(other, other.send())
    lane, seq, before = _announced(lanes, phase)
    lanes.relay.lie = lies.bytes_of("object", mixed(foreign))
    _require(lane, seq, before, "quarantined", "OBJECT_DIGEST")
    lane.recover()
    other.recover()


@pytest.mark.parametrize("mixed", [_fitted, _spliced])
def test_the_batch_before_instead(lanes: Lanes, mixed: Callable[[bytes], Any]) -> None:
    lane = lanes.at("middle")
    early = lane.last("gongan")
    assert early is not None
    old = _object_of(lane, early.seq)
    seq, before = lane.send(), lane.route.received_rows()
    lane.arrive()
    lanes.relay.lie = lies.bytes_of("object", mixed(old))
    _require(lane, seq, before, "quarantined", "OBJECT_DIGEST")
    lane.recover()


def test_wrong_once_and_then_right(lanes: Lanes) -> None:
    lane, seq, _ = _announced(lanes, "middle")
    lanes.relay.lie = lies.once(lies.bytes_of("object", lies.flipped(50)))
    assert lane.drive("renshe", seq).state == "closed"
    assert lanes.relay.calls.count("object") == 2
    lane.recover()
    assert lane.persons_moves == 0


def test_a_range_that_is_not_kept_to(lanes: Lanes) -> None:
    """The line breaks in the middle; then the whole comes though the rest was asked for."""
    lane, seq, before = _announced(lanes, "middle")
    lanes.relay.lie = lies.cut_wire("object", 0.5)
    _require(lane, seq, before, "stored", "RELAY_DOWN")

    def whole(call: Call, ask: Ask) -> Answer:
        assert not call.headers["Range"].startswith("bytes=0-")
        return Answer(200, b"x" * 100_000)

    lanes.relay.lie = lies.about("object", whole)
    _require(lane, seq, before, "held", "ANSWER_BAD")
    lane.recover()
    assert lane.persons_moves == 1


def test_another_part_than_asked_for(lanes: Lanes) -> None:
    lane, seq, before = _announced(lanes, "middle")
    lanes.relay.lie = lies.cut_wire("object", 0.5)
    _require(lane, seq, before, "stored", "RELAY_DOWN")
    lanes.relay.lie = lies.bytes_of("object", lies.flipped(3))
    _require(lane, seq, before, "quarantined", "OBJECT_DIGEST")
    lane.recover()


def test_a_silent_relay_is_left(lanes: Lanes, monkeypatch: pytest.MonkeyPatch) -> None:
    lane, seq, before = _announced(lanes, "middle")
    client = lanes.nodes["renshe"].relay._http._client
    monkeypatch.setattr(client, "_timeout", type(client.timeout)(0.3))
    lanes.relay.lie = lies.instead("object", lies.SILENT)
    _require(lane, seq, before, "stored", "RELAY_DOWN")
    lane.recover()


def test_a_relay_that_drips_is_left(lanes: Lanes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then would keep a worker for ever, though no single read waits long."""
    lane, seq, before = _announced(lanes, "middle")
    hasty = replace(LIMITS, answer_seconds=0.2, least_bytes_per_second=1_000_000)
    monkeypatch.setattr(outbound, "LIMITS", hasty)
    lanes.relay.lie = lies.about("object", lambda call, ask: Answer(drip=ask(call).body))
    _require(lane, seq, before, "stored", "RELAY_DOWN")
    lane.recover()
