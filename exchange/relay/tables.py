"""The relay's own tables, as SQLAlchemy sees them; ``migrations/relay`` makes them."""

from sqlalchemy import BigInteger, Column, DateTime, Integer, LargeBinary, MetaData, Table, Text

TABLES = MetaData()
_INSTANT = DateTime(timezone=True)

OBJECT = Table(
    "object",
    TABLES,
    Column("digest", Text, primary_key=True),
    Column("size_bytes", BigInteger),
    Column("uploaded_by", Text),
    Column("created_at", _INSTANT),
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
