"""A relay that drops, replays, swaps and alters messages, and an end that signs what is not so: nothing is believed."""

import json
from datetime import timedelta

from exchange.errors import ExchangeError
from exchange.reconcile import messages, sessions
from exchange.reconcile.messages import Message
from exchange.reconcile.turn import turn
from exchange.reconcile.work import Secret
from metadata.reconciliation import KIND, Reconciliation
from metadata.signed import Signed
from standards.crypto import SigningKey
from tests.exchange.reconcile.steps import begin, codes, go, loose_route, reconcile, result_at, session_at
from tests.sim.people import people
from tests.sim.town import Route, Town, execute


def carried(route: Route) -> list[tuple[int, bytes]]:
    """What the relay keeps for the route: its number and the bytes."""
    rows = execute(
        route.town.relay_database, "SELECT id, body FROM message WHERE route_id = %s ORDER BY id", (route.route_id,)
    )
    return [(number, bytes(body)) for number, body in rows]


def put(route: Route, body: bytes, *, sender: str) -> None:
    """The relay serves this too, as a new message."""
    execute(
        route.town.relay_database,
        "INSERT INTO message (route_id, session_id, number, from_node_id, body, created_at)"
        " VALUES (%s, md5(random()::text), 1, %s, %s, now())",
        (route.route_id, sender, body),
    )


def replace(route: Route, number: int, body: bytes) -> None:
    execute(route.town.relay_database, "UPDATE message SET body = %s WHERE id = %s", (body, number))


def refusals(route: Route, name: str) -> int:
    with route.town.node(name) as node:
        return len([code for code in codes(node, route.route_id) if code == "RECONCILE_MESSAGE_BAD"])


def started(town: Town) -> Route:
    """A route with an altered target whose provider has asked."""
    route = loose_route(town, people(30))
    route.exchange()
    town.run("renshe", f"UPDATE shared.{route.grant.target_table} SET xm = '改' WHERE gmsfhm LIKE '%%3X'")
    begin(route)
    go(route, "gongan")
    return route


def test_the_relay_can_read_nothing(town: Town) -> None:
    route = started(town)
    secret = Secret.from_bytes(session_at(route, "gongan").secret)
    go(route, *["renshe", "gongan"] * 4)
    assert result_at(route, "renshe").different == 3
    kept = b"".join(Signed.from_bytes(body).payload_bytes() for _, body in carried(route))
    assert len(carried(route)) == 6
    for hidden in (secret.session_key.encode(), "改".encode(), people(4)[3][0].encode(), b"different"):
        assert hidden not in kept


def test_replayed_messages_move_nothing(town: Town) -> None:
    route = started(town)
    go(route, "renshe", "gongan", "renshe")
    for _, body in carried(route):
        put(route, body, sender=Message.from_bytes(Signed.from_bytes(body).payload_bytes()).from_node_id)
    go(route, *["gongan", "renshe"] * 3)
    found = result_at(route, "gongan")
    assert (found.outcome, found.different) == ("differs", 3)
    for number, body in carried(route)[:3]:  # and once more when all is over
        assert number
        put(route, body, sender=Message.from_bytes(Signed.from_bytes(body).payload_bytes()).from_node_id)
    go(route, "gongan", "renshe")
    assert session_at(route, "renshe").state == "agreed"
    assert result_at(route, "renshe") == found


def test_altered_messages_are_passed_over(town: Town) -> None:
    route = started(town)
    number, body = carried(route)[0]
    whole = json.loads(body)
    whole["payload"] = whole["payload"][:200] + ("A" if whole["payload"][200] != "A" else "B") + whole["payload"][201:]
    replace(route, number, Signed.model_validate(whole).to_bytes())
    go(route, "renshe")
    assert refusals(route, "renshe") == 1
    with town.node("renshe") as node, node.engine.connect() as connection:
        assert sessions.newest(connection, route.route_id) is None


def test_a_message_signed_by_somebody_else_is_passed_over(town: Town) -> None:
    route = started(town)
    number, body = carried(route)[0]
    message = Message.from_bytes(Signed.from_bytes(body).payload_bytes())
    replace(route, number, Signed.sign(messages.KIND, message, SigningKey.generate()).to_bytes())
    go(route, "renshe")
    assert refusals(route, "renshe") == 1


def test_messages_of_another_route_are_passed_over(town: Town) -> None:
    one, other = started(town), started(town)
    (first, body), (second, another) = carried(one)[0], carried(other)[0]
    replace(one, first, another)
    replace(other, second, body)
    go(one, "renshe")
    go(other, "renshe")
    assert (refusals(one, "renshe"), refusals(other, "renshe")) == (1, 1)


def test_sealed_content_moved_into_another_session_does_not_open(town: Town) -> None:
    one, other = started(town), started(town)
    sealed = Message.from_bytes(Signed.from_bytes(carried(one)[0][1]).payload_bytes()).sealed
    number, body = carried(other)[0]
    message = Message.from_bytes(Signed.from_bytes(body).payload_bytes()).model_copy(update={"sealed": sealed})
    with town.node("gongan") as node:  # even signed by the right end
        replace(other, number, Signed.sign(messages.KIND, message, node.keys.identity).to_bytes())
    go(other, "renshe")
    assert refusals(other, "renshe") == 1


def test_a_withheld_message_ends_it_after_a_day(town: Town) -> None:
    route = started(town)
    execute(town.relay_database, "DELETE FROM message WHERE route_id = %s", (route.route_id,))
    go(route, "renshe", "gongan")
    assert session_at(route, "gongan").state == "asked"
    with town.node("gongan") as node:
        turn(node, node.now() + timedelta(days=1, seconds=5), route.route_id)
    ended = session_at(route, "gongan")
    assert (ended.state, ended.code, ended.secret) == ("abandoned", "RECONCILE_SILENT", b"")
    assert reconcile(route).different == 3


def test_a_result_that_is_not_so_is_not_signed(town: Town) -> None:
    """The provider's own key signs that less differs than does."""
    route = started(town)
    go(route, "renshe", "gongan", "renshe", "gongan")
    number, body = carried(route)[-1]
    message = Message.from_bytes(Signed.from_bytes(body).payload_bytes())
    assert message.step == "verdict"
    honest = session_at(route, "gongan").signed()
    assert honest is not None
    said = Reconciliation.from_bytes(honest.payload_bytes())
    with town.node("gongan") as node:
        forged = Signed.sign(KIND, said.model_copy(update={"different": 1}), node.keys.identity)
        key = node.trust().recipients(route.grant, 1)[0]
        verdict = messages.Verdict(result=forged)
        lie = messages.write(
            node, route.route_id, message.session_id, message.number, "verdict", "renshe", key, verdict
        )
        replace(route, number, lie.to_bytes())
    go(route, "renshe", "gongan")
    for name in ("renshe", "gongan"):
        ended = session_at(route, name)
        assert (ended.state, ended.code) == ("abandoned", "RECONCILE_RESULT_BAD")


def test_the_relay_says_another_list(town: Town) -> None:
    route = loose_route(town, people(3))
    route.exchange()
    route.exchange()
    execute(
        town.relay_database,
        "UPDATE batch SET stored = (SELECT stored FROM batch b WHERE b.route_id = batch.route_id AND b.seq = 1)"
        " WHERE route_id = %s",
        (route.route_id,),
    )
    found = reconcile(route)
    assert (found.outcome, found.relay_by_provider, found.relay_by_consumer) == ("equal", "disagrees", "disagrees")
    assert found.is_alarming


def test_the_relay_takes_messages_of_the_ends_only_and_each_place_once(town: Town) -> None:
    route = started(town)
    signed = Signed.from_bytes(carried(route)[0][1])
    with town.node("gongan") as node:
        node.relay.post_message(route.route_id, signed)
        message = Message.from_bytes(signed.payload_bytes())
        other = Signed.sign(messages.KIND, message.model_copy(update={"sealed": "AAAA"}), node.keys.identity)
        assert refused(lambda: node.relay.post_message(route.route_id, other)) == "MESSAGE_TAKEN"
        for_another = Signed.sign(messages.KIND, message.model_copy(update={"to_node_id": "x"}), node.keys.identity)
        assert refused(lambda: node.relay.post_message(route.route_id, for_another)) == "NOT_AN_END"
        execute(
            town.relay_database,
            "INSERT INTO message (route_id, session_id, number, from_node_id, body, created_at)"
            " SELECT %s, md5(i::text), 1, 'gongan', '', now() FROM generate_series(1, 1000) i",
            (route.route_id,),
        )
        later = Signed.sign(messages.KIND, message.model_copy(update={"number": 3}), node.keys.identity)
        assert refused(lambda: node.relay.post_message(route.route_id, later)) == "MESSAGES_MANY"
    with town.node("renshe") as node:
        assert refused(lambda: node.relay.post_message(route.route_id, signed)) != ""


def refused(call: object) -> str:
    assert callable(call)
    try:
        call()
    except ExchangeError as error:
        return str(error.values.get("refusal"))
    return ""
