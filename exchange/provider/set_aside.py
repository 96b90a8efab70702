"""The provider's own list of the rows that stayed behind, by key, and why. It stays beside the source; what leaves is
their number and keyed digests, in the sealed trailer.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from exchange import columns, department, ledger
from exchange.errors import ExchangeError
from exchange.ledger import Batch
from exchange.node import Node
from metadata.quality import meaning, rules_of

_TABLE = "hutong.set_aside"


@dataclass(frozen=True)
class LeftBehind:
    """One row set aside: its key (or the whole row where there is no key) as JSON text, and the rules it breaks."""

    row_key: str
    rule_ids: tuple[str, ...]


@dataclass(frozen=True)
class Listed:
    """The same for a person: values by item field, and what each rule says in Chinese, by rule id."""

    row_key: Mapping[str, Any]
    rules: Mapping[str, str]


def keep(url: str, route_id: str, seq: int, rows: list[LeftBehind], digest: str) -> None:
    """Write a batch's list, and the mark that this database saw the batch sealed; a retry replaces both.

    Only the marks of this batch and of the one before it stay: the next builds on one of them.
    """
    with department.connect(url, "source", _TABLE) as connection:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM hutong.set_aside WHERE route_id = %s AND seq = %s", (route_id, seq))
            cursor.executemany(
                "INSERT INTO hutong.set_aside (route_id, seq, row_key, rule_ids) VALUES (%s, %s, %s, %s)",
                [(route_id, seq, row.row_key, list(row.rule_ids)) for row in rows],
            )
            cursor.execute(
                "DELETE FROM hutong.source_mark WHERE route_id = %s AND (seq >= %s OR seq < %s)",
                (route_id, seq, seq - 1),
            )
            cursor.execute(
                "INSERT INTO hutong.source_mark (route_id, seq, digest) VALUES (%s, %s, %s)", (route_id, seq, digest)
            )
        connection.commit()


def listed(node: Node, route_id: str, seq: int) -> list[Listed]:
    """A batch's list, in the order of its keys, for whoever works on the provider's own machine.

    Raises ``BATCH_UNKNOWN``, and ``SET_ASIDE_AT_PROVIDER`` at the other end.
    """
    with node.engine.connect() as connection:
        batch = ledger.find(connection, route_id, seq)
    if batch.role != "provider":
        raise ExchangeError("SET_ASIDE_AT_PROVIDER")
    url = node.settings.department_url
    with department.connect(url, "source", _TABLE) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_key::text, rule_ids FROM hutong.set_aside WHERE route_id = %s AND seq = %s ORDER BY row_key",
            (route_id, seq),
        )
        rows = cursor.fetchall()
    meanings = _meanings(node, batch) if rows else {}
    return [
        Listed(
            json.loads(row_key, parse_float=Decimal),
            {rule_id: meanings.get(rule_id, "现行版本不认识这条规则") for rule_id in rule_ids},
        )
        for row_key, rule_ids in rows
    ]


def _meanings(node: Node, batch: Batch) -> dict[str, str]:
    """What the rules of the batch's grant say, with the names of its items."""
    facts = node.feed.load().grants.get(batch.grant_id)
    if facts is None:
        raise ExchangeError("GRANT_UNKNOWN", grant_id=batch.grant_id)
    items = columns.items(facts.grant)
    names = {item.field: item.name for item in items}
    return {rule.rule_id: meaning(rule, names) for rule in rules_of(items)}
