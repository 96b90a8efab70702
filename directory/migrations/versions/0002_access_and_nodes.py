"""The calendar, nodes and their feed, requests and grants, and what nodes report."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

_INSTANT = sa.DateTime(timezone=True)
_OWN_STEP = (
    "(act, state, stage) IN "
    "(('created', 'draft', ''), ('amended', 'draft', ''), ('submitted', 'submitted', 'acceptance'))"
)


def upgrade() -> None:
    _calendar()
    _nodes()
    _requests()
    _grants()
    _reports()


def _fk(table: str, column: str, target: str, onupdate: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", onupdate=onupdate)


def _org_fk(table: str, column: str = "org_code") -> sa.ForeignKeyConstraint:
    return _fk(table, column, "organisation.code", onupdate="CASCADE")


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def _calendar() -> None:
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.Integer, autoincrement=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_calendar_year"),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_calendar_day"),
        sa.CheckConstraint("kind IN ('off', 'make_up')", name="ck_calendar_day_kind"),
    )


def _nodes() -> None:
    op.create_table(
        "node",
        sa.Column("node_id", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("org_code", sa.String(32), nullable=False),
        sa.Column("org_name", sa.Text, nullable=False),
        sa.Column("identity_public", sa.Text, nullable=False),
        sa.Column("decryption_public", sa.Text, nullable=False),
        sa.Column("is_revoked", sa.Boolean, nullable=False),
        sa.Column("enrolled_at", _INSTANT, nullable=False),
        sa.Column("seen_at", _INSTANT),
        sa.PrimaryKeyConstraint("node_id", name="pk_node"),
        sa.UniqueConstraint("identity_public", name="uq_node_identity_public"),
        sa.CheckConstraint("kind IN ('node', 'relay')", name="ck_node_kind"),
        _org_fk("node"),
    )
    _index("node", "org_code")
    op.create_table(
        "enrolment_token",
        sa.Column("token_digest", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("org_code", sa.String(32), nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT),
        sa.PrimaryKeyConstraint("token_digest", name="pk_enrolment_token"),
        _org_fk("enrolment_token"),
        _fk("enrolment_token", "created_by", "account.id"),
    )
    op.create_table(
        "feed_entry",
        sa.Column("seq", sa.Integer, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("chain", sa.LargeBinary, nullable=False),
        sa.Column("appended_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_feed_entry"),
        sa.CheckConstraint("seq >= 1", name="ck_feed_entry_seq"),
    )


def _requests() -> None:
    op.create_table(
        "request",
        sa.Column("id", sa.Uuid),
        sa.Column("resource_id", sa.Uuid, nullable=False),
        sa.Column("resource_title", sa.Text, nullable=False),
        sa.Column("provider_org", sa.String(32), nullable=False),
        sa.Column("requester_org", sa.String(32), nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("share_type", sa.Text, nullable=False),
        sa.Column("needs_office", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("step_seq", sa.Integer, nullable=False),
        sa.Column("first_submitted_at", _INSTANT),
        sa.Column("submitted_at", _INSTANT),
        sa.Column("supplement_asked_at", _INSTANT),
        sa.Column("replied_at", _INSTANT),
        sa.Column("reply_due_on", sa.Date),
        sa.Column("arrived_at", _INSTANT),
        sa.Column("counted_from", sa.Date),
        sa.Column("limit_days", sa.Integer),
        sa.Column("due_on", sa.Date),
        sa.PrimaryKeyConstraint("id", name="pk_request"),
        sa.UniqueConstraint("id", "created_by", name="uq_request_id_created_by"),
        _fk("request", "resource_id", "resource.id"),
        _org_fk("request", "provider_org"),
        _org_fk("request", "requester_org"),
        _fk("request", "created_by", "account.id"),
    )
    _index("request", "created_by", "due_on", "provider_org", "requester_org", "resource_id", "state")
    op.create_table(
        "request_version",
        sa.Column("request_id", sa.Uuid),
        sa.Column("version", sa.Integer),
        sa.Column("record", JSONB, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("request_id", "version", name="pk_request_version"),
        _fk("request_version", "request_id", "request.id"),
    )
    op.create_table(
        "request_step",
        sa.Column("request_id", sa.Uuid),
        sa.Column("seq", sa.Integer, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("requested_by", sa.Uuid, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Uuid),
        sa.Column("decided_by_node", sa.Text),
        sa.Column("decider_name", sa.Text, nullable=False),
        sa.Column("org_name", sa.Text, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("decided_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("request_id", "seq", name="pk_request_step"),
        sa.UniqueConstraint("request_id", "seq", "state", "stage", name="uq_request_step_outcome"),
        sa.ForeignKeyConstraint(
            ["request_id", "requested_by"], ["request.id", "request.created_by"], name="fk_request_step_creator"
        ),
        _fk("request_step", "decided_by", "account.id"),
        _fk("request_step", "decided_by_node", "node.node_id"),
        sa.CheckConstraint(f"decided_by <> requested_by OR {_OWN_STEP}", name="ck_request_step_not_by_creator"),
        sa.CheckConstraint("(decided_by IS NULL) <> (decided_by_node IS NULL)", name="ck_request_step_one_decider"),
        sa.CheckConstraint(
            "decided_by IS NOT NULL OR (act = state AND state IN ('provisioned', 'active'))",
            name="ck_request_step_what_nodes_do",
        ),
        sa.CheckConstraint("act <> 'refused' OR reason <> ''", name="ck_request_step_refusal_has_reason"),
    )
    op.create_foreign_key(
        "fk_request_last_step",
        "request",
        "request_step",
        ["id", "step_seq", "state", "stage"],
        ["request_id", "seq", "state", "stage"],
        deferrable=True,
        initially="DEFERRED",
    )


def _grants() -> None:
    op.create_table(
        "route",
        sa.Column("route_id", sa.Text),
        sa.Column("provider_node", sa.Text, nullable=False),
        sa.Column("consumer_node", sa.Text, nullable=False),
        sa.Column("target_table", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("route_id", name="pk_route"),
        sa.UniqueConstraint("consumer_node", "target_table", name="uq_route_target"),
        _fk("route", "provider_node", "node.node_id"),
        _fk("route", "consumer_node", "node.node_id"),
    )
    _index("route", "consumer_node", "provider_node")
    op.create_table(
        "grant_record",
        sa.Column("grant_id", sa.Text),
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("route_id", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("issued_at", _INSTANT, nullable=False),
        sa.Column("valid_until", sa.Date, nullable=False),
        sa.Column("provide_by_on", sa.Date, nullable=False),
        sa.Column("countersignature", sa.LargeBinary),
        sa.Column("countersigned_by", sa.Text),
        sa.Column("countersigned_at", _INSTANT),
        sa.PrimaryKeyConstraint("grant_id", name="pk_grant_record"),
        sa.UniqueConstraint("request_id", name="uq_grant_record_request_id"),
        _fk("grant_record", "request_id", "request.id"),
        _fk("grant_record", "route_id", "route.route_id"),
    )
    _index("grant_record", "route_id")


def _reports() -> None:
    op.create_table(
        "receipt",
        sa.Column("route_id", sa.Text),
        sa.Column("seq", sa.Integer, autoincrement=False),
        sa.Column("kind", sa.Text),
        sa.Column("by_node_id", sa.Text),
        sa.Column("batch_digest", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("route_id", "seq", "kind", "by_node_id", name="pk_receipt"),
        _fk("receipt", "route_id", "route.route_id"),
        _fk("receipt", "by_node_id", "node.node_id"),
    )
    op.create_table(
        "batch_status",
        sa.Column("route_id", sa.Text),
        sa.Column("seq", sa.Integer, autoincrement=False),
        sa.Column("node_id", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("status", JSONB, nullable=False),
        sa.Column("said_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("route_id", "seq", "node_id", name="pk_batch_status"),
        _fk("batch_status", "route_id", "route.route_id"),
        _fk("batch_status", "node_id", "node.node_id"),
    )
    _index("batch_status", "said_at", "state")
