"""Two ends, one batch: which word counts, how far it is, whom it concerns. And the picture of the routes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from directory.exchange_status.batches import STEPS, Batch, batch, newest_first
from directory.exchange_status.picture import MAX_ROUTES, WIDTH, draw
from directory.exchange_status.queries import Route
from metadata.exchange import BatchStatus, Receipt

AT = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


def said(node: str, state: str, **more: Any) -> BatchStatus:
    values = {"route_id": "r-1", "seq": 4, "grant_id": "g-1", "state": state, "node_id": node, "at": AT}
    return BatchStatus.model_validate(values | more)


def receipt(kind: str, **more: Any) -> Receipt:
    values = {"kind": kind, "route_id": "r-1", "seq": 4, "batch_digest": "a" * 64, "by_node_id": "b", "at": AT}
    values["contents_digest"] = "" if kind == "stored" else "c" * 64
    return Receipt.model_validate(values | more)


def joined(provider: str, consumer: str = "", *kinds: str, **more: Any) -> Batch:
    ends = [said("gongan", provider)] + ([said("renshe", consumer, **more)] if consumer else [])
    return batch(ends, [receipt(kind) for kind in kinds], "gongan")


@pytest.mark.parametrize(
    ("provider", "consumer", "state", "light"),
    [
        ("due", "", "due", "off"),
        ("stored", "", "stored", "off"),
        ("stored", "staged", "staged", "off"),
        ("stored", "closed", "applied", "off"),  # the receipt has yet to come back
        ("closed", "closed", "closed", "green"),
        ("closed", "applied", "closed", "green"),
        ("held", "", "held", "amber"),
        ("stored", "quarantined", "quarantined", "red"),
        ("quarantined", "quarantined", "quarantined", "red"),
        ("closed", "held", "held", "amber"),  # applied, but its receipts cannot be delivered
    ],
)
def test_a_batch_is_as_far_as_the_further_end(provider: str, consumer: str, state: str, light: str) -> None:
    one = joined(provider, consumer)
    assert (one.state, one.light) == (state, light)
    assert one.needs_people == (state in {"held", "quarantined"})


def test_a_consumer_alone_is_believed() -> None:
    one = batch([said("renshe", "closed", rows=7)], [], "gongan")
    assert (one.state, one.rows, one.provider) == ("closed", 7, None)


def test_the_cause_is_shown_and_not_its_echo() -> None:
    ends = [
        said("gongan", "quarantined", code="REFUSED_BY_CONSUMER"),
        said("renshe", "quarantined", code="SIG_BAD", explanation_zh="签名无效"),
    ]
    assert batch(ends, [], "gongan").said.code == "SIG_BAD"


def test_a_batch_that_stands_still_is_as_far_as_anybody_signed() -> None:
    assert STEPS[joined("quarantined", "quarantined", "stored", "verified").reached - 1] == "verified"
    assert STEPS[joined("held").reached - 1] == "due"
    assert STEPS[batch([said("gongan", "held", sealed_bytes=9)], [], "gongan").reached - 1] == "sealed"


def test_waiting_for_the_other_end_is_calm_and_other_waiting_is_not() -> None:
    assert joined("stored", "fetched", code="WAITING_FOR_RECEIPT").condition == "running"
    waiting = joined("stored", "fetched", code="TRUST_STALE")
    assert (waiting.condition, waiting.light, waiting.needs_people) == ("waiting", "amber", False)


def test_counts_come_from_whoever_knows_and_durations_add_up() -> None:
    ends = [
        said("gongan", "closed", rows=10, set_aside=1, plain_bytes=100, sealed_bytes=50, duration_ms=30, checks_run=4),
        said("renshe", "closed", rows=9, duration_ms=12, checks_run=4, checks_passed=4),
    ]
    one = batch(ends, [], "gongan")
    assert (one.rows, one.set_aside, one.plain_bytes, one.sealed_bytes) == (10, 1, 100, 50)
    assert (one.duration_ms, one.checks_run, one.checks_passed) == (42, 8, 4)


def test_what_needs_people_comes_first_and_what_was_overtaken_does_not() -> None:
    def at(minutes: int, state: str, **more: Any) -> Batch:
        statuses = [said("gongan", state, seq=minutes, at=AT + timedelta(minutes=minutes))]
        return Batch(**(vars(batch(statuses, [], "gongan")) | more))

    ordered = newest_first(
        [at(1, "held"), at(2, "closed"), at(3, "quarantined"), at(4, "closed"), at(5, "quarantined", followed_by=6)]
    )
    assert [each.seq for each in ordered] == [3, 1, 5, 4, 2]
    assert ordered[2].light == "off"


def route(number: int, provider: str, consumer: str, *batches: Batch, stopped: str = "") -> Route:
    return Route(
        route_id=f"r-{number}",
        resource_id="",
        title=f"资源{number}",
        request_id="",
        provider_node=provider,
        provider_org=provider,
        provider_name=f"示例市{provider}局",
        consumer_node=consumer,
        consumer_org=consumer,
        consumer_name=f"示例市{consumer}局",
        target_table="t",
        stopped=stopped,
        batches=batches,
    )


def test_a_route_has_the_light_of_what_needs_people() -> None:
    closed, held, bad = joined("closed"), joined("held"), joined("stored", "quarantined")
    assert route(1, "甲", "乙", closed, held, bad).light == "red"
    assert route(1, "甲", "乙", closed, held).state_words == "暂候"
    assert route(1, "甲", "乙", closed).state_words == "正常"
    assert route(1, "甲", "乙").state_words == "尚无批次"
    assert (route(1, "甲", "乙", bad, stopped="授权暂停").light) == "off"


def test_the_picture_holds_every_line_within_its_frame() -> None:
    routes = [route(number, "甲乙丙"[number % 3], "丁戊"[number % 2], joined("closed")) for number in range(8)]
    picture = draw(routes)
    assert len(picture.lines) == 8
    assert sum(box.route_count for box in picture.providers) == sum(box.route_count for box in picture.consumers) == 8
    tops = [box.top for box in picture.providers]
    assert tops == sorted(tops)
    for line in picture.lines:
        assert 0 < line.mark_x < WIDTH
        assert 0 < line.mark_y < picture.height


def test_only_the_calmest_routes_are_left_out_of_the_picture() -> None:
    routes = [route(number, "甲", "乙", joined("closed")) for number in range(MAX_ROUTES)]
    picture = draw([*routes, route(99, "甲", "乙", joined("stored", "quarantined"))])
    assert picture.left_out == 1
    assert picture.lines[-1].route.route_id == "r-99"  # drawn last, above the others
    assert draw([]).lines == ()
