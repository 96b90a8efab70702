"""The node's own tables, as SQLAlchemy sees them; ``migrations/node`` makes them."""

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Integer, LargeBinary, MetaData, Table, Text, Uuid

TABLES = MetaData()
_INSTANT = DateTime(timezone=True)

BATCH = Table(
    "batch",
    TABLES,
    Column("route_id", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("role", Text),
    Column("grant_id", Text),
    Column("state", Text),
    Column("code", Text),
    Column("explanation_zh", Text),
    Column("next_step", Text),
    Column("held_from", Text),
    Column("lease_epoch", BigInteger),
    Column("leased_at", _INSTANT),
    Column("run_id", Text),
    Column("due_on", Date),
    Column("replaces_seq", BigInteger),
    Column("replaced_by_seq", BigInteger),
    Column("previous_digest", Text),
    Column("manifest", LargeBinary),
    Column("digest", Text),
    Column("size_bytes", BigInteger),
    Column("plain_bytes", BigInteger),
    Column("rows", BigInteger),
    Column("changed_rows", BigInteger),
    Column("set_aside", BigInteger),
    Column("kind", Text),
    Column("target_rows", BigInteger),
    Column("checks_run", Integer),
    Column("checks_passed", Integer),
    Column("report", LargeBinary),
    Column("duration_ms", BigInteger),
    Column("sealed_at", _INSTANT),
    Column("changes", BigInteger),
    Column("reported_changes", BigInteger),
    Column("created_at", _INSTANT),
    Column("updated_at", _INSTANT),
)
RECEIPT = Table(
    "receipt",
    TABLES,
    Column("route_id", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("body", LargeBinary),
    Column("contents", LargeBinary),
    Column("is_own", Boolean),
    Column("created_at", _INSTANT),
    Column("relayed_at", _INSTANT),
    Column("reported_at", _INSTANT),
)
SOURCE_STATE = Table(
    "source_state",
    TABLES,
    Column("route_id", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("snapshot", Text),
    Column("identity", Text),
    Column("triggers", Text),
    Column("scope", Text),
    Column("schema_name", Text),
    Column("table_name", Text),
    Column("is_key_unique", Boolean),
    Column("rows", BigInteger),
    Column("since_full", Integer),
    Column("sealed_at", _INSTANT),
)
ALLOWANCE = Table(
    "allowance",
    TABLES,
    Column("route_id", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("actor", Text),
    Column("created_at", _INSTANT),
)
INSTANT = Table(
    "instant",
    TABLES,
    Column("route_id", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("instant", Text),
)
COUNTERSIGNATURE = Table(
    "countersignature",
    TABLES,
    Column("grant_id", Text, primary_key=True),
    Column("body", LargeBinary),
    Column("confirmed_by", Text),
    Column("created_at", _INSTANT),
    Column("sent_at", _INSTANT),
)
FEED_ENTRY = Table(
    "feed_entry",
    TABLES,
    Column("seq", BigInteger, primary_key=True),
    Column("body", LargeBinary),
    Column("whole", LargeBinary),
)  # also in the relay's database
FEED_HEAD = Table("feed_head", TABLES, Column("id", Integer, primary_key=True), Column("body", LargeBinary))
AUDIT_OUT = Table(
    "audit_out",
    TABLES,
    Column("id", BigInteger, primary_key=True),
    Column("event_id", Text),
    Column("body", LargeBinary),
    Column("created_at", _INSTANT),
    Column("shipped_at", _INSTANT),
)  # also in the relay's database and, in schema hutong, in a department's
WORK_ORDER = Table(
    "work_order",
    TABLES,
    Column("order_id", Text, primary_key=True),
    Column("action", Text),
    Column("taken_at", _INSTANT),
    Column("outcome", Text),
    Column("code", Text),
    Column("result", LargeBinary),
    Column("sent_at", _INSTANT),
)
MOUNT_STATE = Table(
    "mount_state",
    TABLES,
    Column("resource_id", Uuid, primary_key=True),
    Column("mount_id", Text, primary_key=True),
    Column("counter", BigInteger),
    Column("changed_at", _INSTANT),
    Column("changed_by", Text),
    Column("probed_at", _INSTANT),
)
RECONCILIATION = Table(
    "reconciliation",
    TABLES,
    Column("session_id", Text, primary_key=True),
    Column("route_id", Text),
    Column("role", Text),
    Column("grant_id", Text),
    Column("seq", BigInteger),
    Column("state", Text),
    Column("code", Text, default=""),
    Column("secret", LargeBinary),
    Column("work", LargeBinary),
    Column("result", LargeBinary),
    Column("created_at", _INSTANT),
    Column("updated_at", _INSTANT),
    Column("reported_at", _INSTANT),
)
RECONCILIATION_MESSAGE = Table(
    "reconciliation_message",
    TABLES,
    Column("session_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("body", LargeBinary),
    Column("relayed_at", _INSTANT),
)
FIDELITY = Table(
    "fidelity",
    TABLES,
    Column("route_id", Text, primary_key=True),
    Column("resource_version", BigInteger, primary_key=True),
    Column("schema_digest", Text, primary_key=True),
    Column("body", LargeBinary),
    Column("created_at", _INSTANT),
)
MESSAGE_CURSOR = Table(
    "message_cursor", TABLES, Column("route_id", Text, primary_key=True), Column("after", BigInteger)
)
