"""A department's database for the checks."""

from collections.abc import Mapping

import psycopg2
from psycopg2 import sql

from exchange.ports import Checked, CheckSubject
from metadata.quality import rules_of
from metadata.resource import Item


class Department:
    """A department's database with some tables in it."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.connection = psycopg2.connect(dsn.replace("+psycopg2", ""))

    def run(self, statement: str, parameters: Mapping[str, object] | None = None) -> None:
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute(statement, parameters)

    def subject(self, items: tuple[Item, ...], relation: str | sql.Composable, **changes: object) -> CheckSubject:
        values = {
            "dsn": self.dsn,
            "snapshot_id": None,
            "relation": sql.SQL(relation) if isinstance(relation, str) else relation,
            "rules": rules_of(items),
            "key": tuple(item.field for item in items if item.is_key),
            "place": "source",
            "subject": "r-1/1",
        }
        return CheckSubject(**{**values, **changes})

    def left_behind(self, subject: CheckSubject, checked: Checked) -> list[tuple[str, str]]:
        """The key of every row that a reason is true of, with the reason's rule."""
        with self.connection.cursor() as cursor:
            found = []
            for rule_id, broken in checked.reasons:
                query = sql.SQL("SELECT r.{} FROM ({}) AS r WHERE {}")
                cursor.execute(query.format(sql.Identifier(*subject.key), subject.relation, broken))
                found += [(key, rule_id) for (key,) in cursor]
            return found
