"""The sheet: made from signed records, and refused when one letter of it or of them was altered."""

import re
from pathlib import Path

import pytest

from exchange.errors import ExchangeError
from exchange.reconcile.evidence import Evidence, prove
from exchange.reconcile.sheet import make, render, verify
from tests.exchange.reconcile.steps import reconcile
from tests.sim.people import people
from tests.sim.town import Town


@pytest.fixture(scope="module")
def evidence(town: Town) -> Evidence:
    """Of a route with three batches, whose target somebody has altered."""
    route = town.route(people(40))
    for number in range(3):
        route.insert([(f"9900000000000010{number}X", "王五", "990001", "1.00", "2026-02-02T00:00:00Z")])
        route.exchange()
    town.run("renshe", f"UPDATE shared.{route.grant.target_table} SET xm = '改' WHERE xzqh = '990001'")
    reconcile(route)
    with town.node("gongan") as node:
        return make(node, route.route_id)


def refusal(page: str) -> str:
    with pytest.raises(ExchangeError) as caught:
        verify(page)
    assert caught.value.code == "SHEET_BAD"
    return caught.value.zh


def test_the_page_proves_itself(evidence: Evidence) -> None:
    page = render(evidence)
    found, proved = verify(page)
    assert found == evidence
    assert [batch.manifest.seq for batch in proved.batches] == [1, 2, 3]
    assert all(set(batch.receipts) == {"stored", "verified", "checked", "applied"} for batch in proved.batches)
    assert "两端不一致：" in page
    assert "示例市公安局" in page
    assert not re.search(r"(src|href)=|https?://|url\(", page)


def test_it_says_the_same_at_the_other_end(town: Town, evidence: Evidence) -> None:
    with town.node("renshe") as node:
        other = make(node, prove(evidence).result.route_id)
    assert prove(other) == prove(evidence)


def test_nothing_on_it_can_be_altered(evidence: Evidence) -> None:
    page = render(evidence)
    assert "不一致" in refusal(page.replace("内容不同", "内容相同", 1))
    assert refusal(page.replace(evidence.result.payload[:40], "A" * 40))
    assert refusal(page.split("<script")[0])
    assert refusal(page.replace('"format":', '"form":'))


@pytest.mark.parametrize(
    "changes",
    [
        lambda whole: {"receipts": whole.receipts[1:] + whole.receipts[1:2]},  # a receipt twice
        lambda whole: {"manifests": whole.manifests[:-1]},  # without the batch that was compared
        lambda whole: {"manifests": whole.manifests[::-1]},
        lambda whole: {"result": whole.result.model_copy(update={"signatures": whole.result.signatures[:1]})},
        lambda whole: {"grant": whole.result},
        lambda whole: {"keys": tuple(key for key in whole.keys if key.role != "relay")},
        lambda whole: {"keys": tuple(key for key in whole.keys if key.role != "provider")},
    ],
)
def test_records_that_do_not_hold_together_prove_nothing(evidence: Evidence, changes: object) -> None:
    assert callable(changes)
    with pytest.raises(ExchangeError) as caught:
        prove(evidence.model_copy(update=changes(evidence)))
    assert caught.value.code == "SHEET_BAD"


def test_there_is_none_before_both_have_signed(town: Town, tmp_path: Path) -> None:
    route = town.route()
    route.exchange()
    with town.node("gongan") as node, pytest.raises(ExchangeError) as caught:
        make(node, route.route_id)
    assert caught.value.code == "SHEET_NONE"
