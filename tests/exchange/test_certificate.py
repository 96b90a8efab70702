"""Fidelity certificates: made once a version by an equal reconciliation of rows, derived from what both ends signed."""

from typing import Any

import pytest

from exchange import fidelity
from exchange.errors import ExchangeError
from exchange.peers import sync
from metadata.fidelity import KIND, CertifiedColumn, FidelityCertificate
from metadata.reconciliation import KIND as RESULT
from metadata.reconciliation import Reconciliation
from metadata.signed import Signed
from tests.exchange.reconcile.steps import reconcile
from tests.sim.people import COLUMNS, people
from tests.sim.town import Route, Town


def kept(route: Route, name: str = "gongan") -> list[FidelityCertificate]:
    with route.town.node(name) as node:
        return fidelity.kept(node, route.route_id)


def wanting(route: Route) -> list[str]:
    with route.town.node("gongan") as node:
        return [grant.grant_id for grant in fidelity.wanting(node, route.route_id)]


def certified(route: Route) -> FidelityCertificate:
    (only,) = kept(route)
    return only


def audited(route: Route) -> list[dict[str, Any]]:
    with route.town.node("gongan") as node, node.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT convert_from(body, 'UTF8')::json FROM audit_out ORDER BY id")
        entries: list[dict[str, Any]] = list(rows.scalars())
    return [each for each in entries if each["action"] == "fidelity:certify" and route.route_id in each["subject"]]


@pytest.fixture(scope="module")
def equal(town: Town) -> Route:
    """A route whose rows were found equal, twice."""
    route = town.route(people(20))
    route.exchange()
    reconcile(route)
    reconcile(route)
    return route


def test_equal_rows_certify_their_version_once(equal: Route) -> None:
    found = certified(equal)
    grant = equal.grant
    assert (found.resource_identifier, found.resource_version) == (grant.resource_identifier, 1)
    assert (found.provider_node_id, found.consumer_node_id, found.seq, found.rows) == ("gongan", "renshe", 1, 20)
    assert found.columns == tuple(
        CertifiedColumn(field=each.field, column=each.column, sql_type=each.sql_type, carried="binary")
        for each in COLUMNS
    )
    said = Reconciliation.from_bytes(found.proof.payload_bytes())
    assert (said.outcome, said.provider_rows, len(found.proof.signatures)) == ("equal", 20, 2)
    with equal.town.node("gongan") as node:
        sync.sync(node)
    told = [each for each in equal.town.directory.certificates if each.route_id == equal.route_id]
    assert told == [found]  # signed, and the second comparison brought nothing new
    (entry,) = audited(equal)
    assert entry["details"] == {"version": 1, "columns": len(COLUMNS), "rows": 20}
    assert wanting(equal) == []
    assert kept(equal, "renshe") == []


def test_no_value_is_in_it(equal: Route) -> None:
    text = certified(equal).to_bytes().decode()
    for row in equal.sent_rows():
        assert row[0] not in text
        assert row[1] not in text


def test_a_new_version_has_one_of_its_own(town: Town) -> None:
    route = town.route(people(3))
    route.exchange()
    reconcile(route)
    renewed = route.renew(resource_version=2)
    assert wanting(renewed) == [renewed.grant.grant_id]
    renewed.exchange()
    reconcile(renewed)
    assert [(each.resource_version, each.seq) for each in kept(renewed)] == [(1, 1), (2, 2)]
    assert wanting(renewed) == []


def test_none_while_rows_differ_or_wait_or_there_are_none(town: Town) -> None:
    route = town.route([])
    route.exchange()
    assert reconcile(route).outcome == "equal"  # nothing is equal to nothing, and proves nothing
    assert kept(route) == []
    route.insert(people(5))
    assert reconcile(route).outcome == "pending"
    assert kept(route) == []
    route.exchange()
    town.run("renshe", f"UPDATE shared.{route.grant.target_table} SET xm = xm || ' '")
    assert reconcile(route).outcome == "differs"
    assert (kept(route), audited(route)) == ([], [])
    town.run("renshe", f"UPDATE shared.{route.grant.target_table} SET xm = rtrim(xm)")
    reconcile(route)
    assert certified(route).rows == 5


def test_a_certificate_that_was_tampered_with_is_refused(town: Town, equal: Route) -> None:
    """In the ledger, and even by its maker, who holds the provider's key but not the consumer's."""
    true = certified(equal)
    with town.node("gongan") as node:
        key, trust = node.keys.identity, node.trust()
    with town.node("renshe") as node:
        other = node.keys.identity
    said = Reconciliation.from_bytes(true.proof.payload_bytes())
    alone = Signed.sign(RESULT, said, key)
    larger = Signed.sign(RESULT, said.model_copy(update={"provider_rows": 21}), key)
    column = true.columns[0].model_copy(update={"sql_type": "numeric"})
    for changes, reason in (
        ({"rows": 21}, "不符"),
        ({"columns": (column, *true.columns[1:])}, "不符"),
        ({"resource_version": 2}, "不符"),
        ({"grant_id": "g-none"}, "没有这份授权"),
        ({"grant_id": _another(town).grant.grant_id}, "另一份授权"),
        ({"proof": alone}, "签名"),
        ({"proof": larger.model_copy(update={"signatures": larger.signatures + true.proof.signatures[1:]})}, "签名"),
        ({"proof": _differing(said, key, other)}, "非空且一致"),
    ):
        forged = Signed.sign(KIND, true.model_copy(update=changes), key)
        with town.node("gongan") as node:
            trust = node.trust()
        with pytest.raises(ExchangeError) as caught:
            fidelity.verify(trust, forged.to_bytes())
        assert caught.value.code == "FIDELITY_BAD"
        assert reason in caught.value.zh
    with pytest.raises(ExchangeError) as caught:
        fidelity.verify(trust, Signed.sign(KIND, true, other).to_bytes())
    assert "签名" in caught.value.zh
    assert fidelity.verify(trust, Signed.sign(KIND, true, key).to_bytes()) == true


def test_one_altered_in_the_ledger_is_not_shown(town: Town) -> None:
    route = town.route(people(2))
    route.exchange()
    reconcile(route)
    with town.node("gongan") as node, node.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE fidelity SET body = overlay(body PLACING '\\x41' FROM 60 FOR 1) WHERE route_id = %s",
            (route.route_id,),
        )
    with pytest.raises(ExchangeError) as caught:
        kept(route)
    assert caught.value.code == "FIDELITY_BAD"


def _another(town: Town) -> Route:
    """A grant of the same ends, of another resource."""
    return town.route([])


def _differing(said: Reconciliation, *keys: Any) -> Signed:
    other = {"consumer_digest": "0" * 64, "outcome": "differs", "different": 1}
    return Signed.sign(RESULT, Reconciliation.model_validate(said.model_dump() | other), *keys)
