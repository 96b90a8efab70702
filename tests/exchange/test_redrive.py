"""What a person does about a batch that stopped."""

import pytest

from exchange.errors import ExchangeError
from exchange.redrive import redrive
from tests.sim.town import Route, Town


def _redrive(route: Route, name: str, seq: int) -> int:
    with route.town.node(name) as node:
        return redrive(node, route.route_id, seq, "运维甲").seq


def _code(route: Route, name: str, seq: int) -> str:
    with pytest.raises(ExchangeError) as raised:
        _redrive(route, name, seq)
    return raised.value.code


def test_held_goes_on_where_it_was(town: Town) -> None:
    route = town.route()
    seq = route.plan()
    town.run("gongan", f"ALTER TABLE {route.source} RENAME COLUMN name TO n")
    assert route.drive("gongan", seq).state == "held"
    assert _redrive(route, "gongan", seq) == seq
    assert route.drive("gongan", seq).code == "SOURCE_DRIFT"
    town.run("gongan", f"ALTER TABLE {route.source} RENAME COLUMN n TO name")
    assert _redrive(route, "gongan", seq) == seq
    assert route.drive("gongan", seq).state == "stored"


def test_held_before_sealing_goes_under_the_newest_grant(town: Town) -> None:
    route = town.route()
    seq = route.plan()
    town.directory.change(route.grant.grant_id, "terminated")
    route.pull("gongan")
    assert route.drive("gongan", seq).code == "GRANT_TERMINATED"
    route.renew()
    _redrive(route, "gongan", seq)
    assert route.drive("gongan", seq).state == "stored"
    route.arrive()
    assert route.drive("renshe", seq).state == "closed"


def test_quarantined_is_sealed_anew_under_a_new_sequence(town: Town) -> None:
    route = town.route()
    seq = route.send()
    route.arrive()
    path = route.objects(seq)[0]
    sealed = path.read_bytes()
    path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    assert route.drive("renshe", seq).state == "quarantined"
    assert _code(route, "renshe", seq) == "REDRIVE_AT_PROVIDER"
    assert route.drive("gongan", seq).state == "quarantined"
    again = _redrive(route, "gongan", seq)
    assert again == seq + 1
    assert route.drive("gongan", again).state == "stored"
    assert route.arrive() == [again]
    assert route.drive("renshe", again).state == "closed"
    assert route.drive("gongan", again).state == "closed"
    assert route.received_rows() == route.sent_rows()
    assert route.batch("gongan", seq).replaced_by_seq == again
    assert route.batch("renshe", again).replaces_seq == seq
    assert _code(route, "gongan", seq) == "REDRIVE_ALREADY"
    assert _code(route, "gongan", again) == "REDRIVE_NOT_NEEDED"
    assert route.findings() == []


def test_a_node_restored_from_a_backup_gets_going_again(town: Town) -> None:
    route = town.route()
    route.exchange()
    seq = route.send()
    route.arrive()
    town.run(
        "renshe", "UPDATE hutong.route_head SET lease_epoch = lease_epoch + 1000 WHERE route_id = %s", (route.route_id,)
    )
    assert any(finding.rule == "fsck.I13" for finding in route.findings())
    assert route.drive("renshe", seq).code == "STALE_LEASE"
    assert _code(route, "renshe", seq) == "REDRIVE_NOT_NEEDED"
    assert route.drive("renshe", seq).state == "closed"
    assert route.findings() == []
