"""What only warns is told to whoever asks, at either end, and stops nothing."""

import pytest

from exchange import check_results
from exchange.errors import ExchangeError
from pipelines.checks.run import GreatExpectationsChecker
from tests.sim.town import Route, Town


def test_a_rule_of_a_base_library_is_counted_at_both_ends(town: Town) -> None:
    route = town.route()
    items = tuple(
        item.model_copy(update={"base_item": "legal_person/region_code"}) if item.field == "xzqh" else item
        for item in route.grant.items
    )
    route = route.renew(items=items)
    seq, checker = route.plan(), GreatExpectationsChecker()
    assert _results(town, "gongan", route, seq) is None
    assert route.drive("gongan", seq, checker).state == "stored"
    route.arrive()
    assert route.drive("renshe", seq, checker).state == "closed"
    rows = len(route.received_rows())
    for end, place in (("gongan", "source"), ("renshe", "staging")):
        results = _results(town, end, route, seq)
        assert results is not None
        assert (results.place, results.rows) == (place, rows)
        broken = [rule for rule in results.rules if not rule.passed]
        assert [(rule.rule_id, rule.action, rule.evaluated, rule.failed) for rule in broken] == [
            ("region:xzqh", "report", rows, rows)  # region 99 is assigned to nobody
        ]
        assert broken[0].meaning == "“行政区划”应是已知的行政区划代码（基础库规则 L6，只提示）"
    with pytest.raises(ExchangeError, match="BATCH_UNKNOWN"):
        _results(town, "gongan", route, seq + 1)


def _results(town: Town, end: str, route: Route, seq: int) -> check_results.CheckResults | None:
    with town.node(end) as node:
        return check_results.of(node, route.route_id, seq)
