"""The relay's own tables, as SQLAlchemy sees them; ``migrations/relay`` makes them."""

from sqlalchemy import BigInteger, Column, Connection, DateTime, Integer, LargeBinary, MetaData, Table, Text, text

TABLES = MetaData()
_INSTANT = DateTime(timezone=True)

OBJECT = Table(
    "object",
    TABLES,
    Column("digest", Text, primary_key=True),
    Column("size_bytes", BigInteger),
    Column("uploaded_by", Text),
    Column("created_at", _INSTANT),
    Column("touched_at", _INSTANT),
)
BATCH = Table(
    "batch",
    TABLES,
    Column("route_id", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("digest", Text),
    Column("manifest", LargeBinary),
    Column("stored", LargeBinary),
    Column("announced_by", Text),
    Column("announced_at", _INSTANT),
    Column("swept_at", _INSTANT),
)
SEGMENT = Table(
    "segment",
    TABLES,
    Column("route_id", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("digest", Text),
)
RECEIPT = Table(
    "receipt",
    TABLES,
    Column("route_id", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("body", LargeBinary),
    Column("created_at", _INSTANT),
)
FORK = Table(
    "fork",
    TABLES,
    Column("route_id", Text, primary_key=True),
    Column("key_id", Text, primary_key=True),
    Column("seq", BigInteger),
    Column("manifest", LargeBinary),
    Column("seen_at", _INSTANT),
)
NONCE = Table(
    "nonce",
    TABLES,
    Column("node_id", Text, primary_key=True),
    Column("nonce", Text, primary_key=True),
    Column("expires_at", _INSTANT),
)
MESSAGE = Table(
    "message",
    TABLES,
    Column("id", BigInteger, primary_key=True),
    Column("route_id", Text),
    Column("session_id", Text),
    Column("number", Integer),
    Column("from_node_id", Text),
    Column("body", LargeBinary),
    Column("created_at", _INSTANT),
)


def lock(connection: Connection, name: str) -> None:
    """Whoever writes or removes this object or route waits until the other's transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
