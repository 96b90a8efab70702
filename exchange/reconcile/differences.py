"""The rows that differ, by key, at this end only: table ``hutong.difference`` of the department's own database."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from exchange import department
from exchange.node import Node
from exchange.reconcile.classify import Difference

_TABLE = "hutong.difference"


@dataclass(frozen=True)
class Listed:
    """One differing row for a person: values of its key by item field (keyless: the whole row)."""

    kind: str
    row_key: Mapping[str, Any] | None
    rows: int


def keep(node: Node, route_id: str, session_id: str, found: Sequence[Difference], keys: Mapping[str, str]) -> None:
    """Replace the route's list. What is not at this end has no key here and is listed without."""
    with department.connect(node.settings.department_url, "target", _TABLE) as connection:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM hutong.difference WHERE route_id = %s", (route_id,))
            cursor.executemany(
                "INSERT INTO hutong.difference (route_id, session_id, kind, row_key, rows) VALUES (%s, %s, %s, %s, %s)",
                [(route_id, session_id, item.kind, keys.get(item.key), item.rows) for item in found],
            )
        connection.commit()


def listed(node: Node, route_id: str) -> list[Listed]:
    """The route's newest list, for whoever works on this machine."""
    with (
        department.connect(node.settings.department_url, "target", _TABLE) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT kind, row_key::text, rows FROM hutong.difference WHERE route_id = %s ORDER BY kind, row_key",
            (route_id,),
        )
        return [
            Listed(kind, None if row_key is None else json.loads(row_key, parse_float=Decimal), rows)
            for kind, row_key, rows in cursor.fetchall()
        ]
