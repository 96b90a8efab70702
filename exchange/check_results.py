"""What the checks of a batch said, rule by rule and in counts, for whoever works on the machine that ran them."""

from dataclasses import dataclass
from typing import Literal

from exchange import columns, ledger
from exchange.errors import ExchangeError
from exchange.node import Node
from metadata.quality import Action, CheckReport, meaning, rules_of


@dataclass(frozen=True)
class Judged:
    """One rule: what it asks, in Chinese, how much there was to judge, and how much of that breaks it."""

    rule_id: str
    meaning: str
    action: Action
    evaluated: int
    failed: int
    passed: bool


@dataclass(frozen=True)
class CheckResults:
    """At ``source`` before rows are sent, at ``staging`` before they are loaded; ``rows`` all that were looked at."""

    place: Literal["source", "staging"]
    rows: int
    rules: tuple[Judged, ...]


def of(node: Node, route_id: str, seq: int) -> CheckResults | None:
    """A batch's report at this end; None before it was checked. Raises ``BATCH_UNKNOWN`` and ``GRANT_UNKNOWN``."""
    with node.engine.connect() as connection:
        batch = ledger.find(connection, route_id, seq)
    if not batch.report:
        return None
    facts = node.feed.load().grants.get(batch.grant_id)
    if facts is None:
        raise ExchangeError("GRANT_UNKNOWN", grant_id=batch.grant_id)
    items = columns.items(facts.grant)
    names = {item.field: item.name for item in items}
    rules = rules_of(items, min_rows=1, box_mas=facts.grant.box_mas)
    meanings = {rule.rule_id: meaning(rule, names) for rule in rules}
    report = CheckReport.from_bytes(batch.report)
    return CheckResults(
        report.place,
        report.rows,
        tuple(
            Judged(
                each.rule_id,
                meanings.get(each.rule_id, "现行版本不认识这条规则"),
                each.action,
                each.evaluated,
                each.failed,
                each.passed,
            )
            for each in report.results
        ),
    )
