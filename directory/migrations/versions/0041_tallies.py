"""Running and ended terms counted in the transaction that changes them: supervision costs the same however many run.

Every change leaves rows of one more or one less beside it, which nobody waits for; ``hutong_fold_tallies`` makes those
of a kind into one. Only the triggers write here: they run as the owner.
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0048"

_BEGIN = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$"
_STOPPED_ON = "(stopped_at AT TIME ZONE 'Asia/Shanghai')::date"
_ENDED = f"extract(year FROM {_STOPPED_ON})::integer, {_STOPPED_ON} > due_on"
_COUNTED = "outcome IN ('answered', 'provided')"

_RUNNING = """
CREATE FUNCTION hutong_tally_running() RETURNS trigger @BEGIN
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.due_on IS NOT NULL THEN
        INSERT INTO running_tally (provider_org, counted_from, limit_days, due_on, number)
        VALUES (OLD.provider_org, OLD.counted_from, OLD.limit_days, OLD.due_on, -1);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.due_on IS NOT NULL THEN
        INSERT INTO running_tally (provider_org, counted_from, limit_days, due_on, number)
        VALUES (NEW.provider_org, NEW.counted_from, NEW.limit_days, NEW.due_on, 1);
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.provider_org <> NEW.provider_org THEN
            INSERT INTO ended_tally (provider_org, year, is_late, number)
            SELECT org, @ENDED, one FROM request_clock
            CROSS JOIN (VALUES (OLD.provider_org, -1), (NEW.provider_org, 1)) moved (org, one)
            WHERE request_id = NEW.id AND @COUNTED;
        END IF;
    END IF;
    RETURN NULL;
END $$"""

# The request is held, so that its department cannot change beside this: the change counts what has ended by then.
_ENDING = """
CREATE FUNCTION hutong_tally_ended() RETURNS trigger @BEGIN
DECLARE
    org text;
BEGIN
    SELECT provider_org INTO org FROM request WHERE id = coalesce(NEW.request_id, OLD.request_id) FOR SHARE;
    INSERT INTO ended_tally (provider_org, year, is_late, number)
    SELECT org, @ENDED, one
    FROM (VALUES (OLD.outcome, OLD.stopped_at, OLD.due_on, -1), (NEW.outcome, NEW.stopped_at, NEW.due_on, 1))
        changed (outcome, stopped_at, due_on, one)
    WHERE @COUNTED;
    RETURN NULL;
END $$"""

# Deleted and made again in one statement: whoever counts beside it sees the one or the other.
_FOLD = """
CREATE FUNCTION hutong_fold_tallies() RETURNS void @BEGIN
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('hutong.tallies', 0)) THEN
        RETURN;
    END IF;
    WITH gone AS (
        DELETE FROM running_tally WHERE (provider_org, counted_from, limit_days, due_on) IN (
            SELECT provider_org, counted_from, limit_days, due_on FROM running_tally
            GROUP BY provider_org, counted_from, limit_days, due_on HAVING count(*) > 1)
        RETURNING *)
    INSERT INTO running_tally (provider_org, counted_from, limit_days, due_on, number)
    SELECT provider_org, counted_from, limit_days, due_on, sum(number) FROM gone
    GROUP BY provider_org, counted_from, limit_days, due_on HAVING sum(number) <> 0;
    WITH gone AS (
        DELETE FROM ended_tally WHERE (provider_org, year, is_late) IN (
            SELECT provider_org, year, is_late FROM ended_tally
            GROUP BY provider_org, year, is_late HAVING count(*) > 1)
        RETURNING *)
    INSERT INTO ended_tally (provider_org, year, is_late, number)
    SELECT provider_org, year, is_late, sum(number) FROM gone
    GROUP BY provider_org, year, is_late HAVING sum(number) <> 0;
END $$"""

_ANEW = """
CREATE FUNCTION hutong_tally_anew() RETURNS void @BEGIN
BEGIN
    LOCK TABLE request, request_clock IN SHARE MODE;
    LOCK TABLE running_tally, ended_tally IN ACCESS EXCLUSIVE MODE;
    DELETE FROM running_tally;
    DELETE FROM ended_tally;
    INSERT INTO running_tally (provider_org, counted_from, limit_days, due_on, number)
    SELECT provider_org, counted_from, limit_days, due_on, count(*) FROM request WHERE due_on IS NOT NULL
    GROUP BY provider_org, counted_from, limit_days, due_on;
    INSERT INTO ended_tally (provider_org, year, is_late, number)
    SELECT provider_org, year, is_late, count(*) FROM (
        SELECT request_id, @ENDED FROM request_clock WHERE @COUNTED) ended (request_id, year, is_late)
    JOIN request ON request.id = ended.request_id GROUP BY provider_org, year, is_late;
END $$"""

_CHANGED = "(provider_org, counted_from, limit_days, due_on)"
_STOPPED = "(outcome, stopped_at, due_on)"


def upgrade() -> None:
    op.create_table(
        "running_tally",
        sa.Column("n", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("provider_org", sa.Text, nullable=False),
        sa.Column("counted_from", sa.Date, nullable=False),
        sa.Column("limit_days", sa.Integer, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_running_tally"),
    )
    op.create_table(
        "ended_tally",
        sa.Column("n", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("provider_org", sa.Text, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("is_late", sa.Boolean, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_ended_tally"),
    )
    for function in (_RUNNING, _ENDING, _FOLD, _ANEW):
        op.execute(function.replace("@BEGIN", _BEGIN).replace("@ENDED", _ENDED).replace("@COUNTED", _COUNTED))
    op.execute("REVOKE EXECUTE ON FUNCTION hutong_tally_anew() FROM PUBLIC")
    _tallied("request", "hutong_tally_running", "INSERT", "NEW.due_on IS NOT NULL")
    _tallied("request", "hutong_tally_running", "UPDATE", _differ(_CHANGED))
    _tallied("request", "hutong_tally_running", "DELETE", "OLD.due_on IS NOT NULL")
    _tallied("request_clock", "hutong_tally_ended", "INSERT", "NEW.stopped_at IS NOT NULL")
    _tallied("request_clock", "hutong_tally_ended", "UPDATE", _differ(_STOPPED))
    _tallied("request_clock", "hutong_tally_ended", "DELETE", "OLD.stopped_at IS NOT NULL")
    op.execute("SELECT hutong_tally_anew()")


def _differ(columns: str) -> str:
    old, new = (columns.replace("(", f"({row}.").replace(", ", f", {row}.") for row in ("OLD", "NEW"))
    return f"{old} IS DISTINCT FROM {new}"


def _tallied(table: str, function: str, verb: str, condition: str) -> None:
    op.execute(
        f"CREATE TRIGGER tallied_{verb.lower()} AFTER {verb} ON {table} FOR EACH ROW WHEN ({condition})"
        f" EXECUTE FUNCTION {function}()"
    )
