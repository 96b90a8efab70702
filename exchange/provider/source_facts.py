"""What tells one state of a source from another: read in the batch's own snapshot, after the table is locked."""

from typing import Any

from exchange import columns
from exchange.keys.trust import BoundGrant
from exchange.provider import change_table
from exchange.provider.strategy import SourceFacts
from metadata.access import Grant
from metadata.record import canonical_bytes
from standards.crypto import digest_hex

# The table and all that it is made of; a partition being detached still counts.
_TREE = """
WITH RECURSIVE tree AS (
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %(schema)s AND c.relname = %(table)s
    UNION SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid
)
"""
_RELATIONS = (
    _TREE
    + """
SELECT c.oid::bigint, c.relfilenode::bigint,
    c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND NOT row_security_active(c.oid)
FROM tree JOIN pg_class c USING (oid) ORDER BY 1
"""
)
# A column dropped and added again has another number. The text of an enum, a domain's or composite's rules, a name
# behind a reg* and a virtual column can change without any row changing.
_COLUMNS = (
    _TREE
    + """
SELECT a.attrelid::bigint, a.attname, a.attnum,
    t.typtype = 'b' AND coalesce(e.typtype, 'b') = 'b' AND coalesce(e.typname, t.typname) NOT LIKE 'reg%%'
    AND a.attgenerated <> 'v'
FROM tree JOIN pg_attribute a ON a.attrelid = tree.oid AND a.attname = ANY (%(columns)s) AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
ORDER BY 1, 3
"""
)
_SERVER = """
SELECT (SELECT system_identifier::text FROM pg_control_system()), (SELECT oid::bigint FROM pg_database WHERE datname =
    current_database()), left(pg_walfile_name(pg_current_wal_lsn()), 8)
"""
_UNIQUE = """
SELECT EXISTS (
    SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %(schema)s AND c.relname = %(table)s AND i.indisunique AND i.indisvalid
        AND i.indpred IS NULL AND i.indexprs IS NULL
        AND NOT EXISTS (
            SELECT FROM unnest(i.indkey[0:i.indnkeyatts - 1]) k(attnum)
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum WHERE a.attname <> ALL (%(key)s)
        )
)
"""


def read(cursor: Any, grant: BoundGrant, base_seq: int) -> SourceFacts:
    """The facts as of the transaction's snapshot, in which the table is locked already.

    ``base_seq``: the batch whose mark is looked for (0: none).
    """
    names = columns.names(grant)
    values = {
        "schema": grant.schema_name,
        "table": grant.table,
        "columns": list(names.values()),
        "key": [names[field] for field in columns.key(grant)],
        "route": grant.route_id,
        "seq": base_seq,
    }
    cursor.execute("SELECT pg_current_snapshot()::text, pg_is_in_recovery()")
    snapshot, is_standby = cursor.fetchone()
    cursor.execute(_UNIQUE, values)
    is_key_unique = cursor.fetchone()[0]
    cursor.execute("SELECT digest FROM hutong.source_mark WHERE route_id = %(route)s AND seq = %(seq)s", values)
    mark = cursor.fetchone()
    return SourceFacts(
        snapshot=snapshot,
        identity="" if is_standby else _identity(cursor, values),
        triggers=change_table.digest(cursor, grant),
        is_key_unique=is_key_unique,
        kept_from=change_table.kept_from(cursor, grant.schema_name, grant.table),
        mark="" if mark is None else mark[0],
    )


def scope(grant: Grant) -> str:
    """Digest of what is granted of the source and by which rules: another one changes what the target should hold."""
    described = grant.model_dump(
        mode="json", include={"schema_name", "table", "columns", "items", "row_filter", "target_table"}
    )
    return digest_hex(canonical_bytes(described))


def _identity(cursor: Any, values: dict[str, Any]) -> str:
    cursor.execute(_SERVER)
    server = cursor.fetchone()
    cursor.execute(_RELATIONS, values)
    relations = cursor.fetchall()
    cursor.execute(_COLUMNS, values)
    found = cursor.fetchall()
    if not all(row[-1] for row in relations + found):
        return ""
    described = {
        "server": list(server),
        "relations": [list(row) for row in relations],
        "columns": [list(row) for row in found],
    }
    return digest_hex(canonical_bytes(described))
