"""What is decided stays decided, also for whoever writes SQL as the application's role: triggers on decision tables.

Every function pins its search path, since whoever may make temporary tables could otherwise put one of theirs before
the table that a check reads.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0040"

_BEGIN = "LANGUAGE plpgsql SET search_path = public, pg_temp AS $$"
_REFUSED = "USING ERRCODE = 'check_violation', CONSTRAINT ="

_SETTLED = """
CREATE FUNCTION hutong_settled() RETURNS trigger @BEGIN
DECLARE
    free text[] := coalesce(TG_ARGV, '{}');  -- null where none is given, and what is taken from by null is null
BEGIN
    IF to_jsonb(OLD) - free IS DISTINCT FROM to_jsonb(NEW) - free THEN
        RAISE EXCEPTION '%: what is decided stays', TG_TABLE_NAME @REFUSED 'settled';
    END IF;
    RETURN NEW;
END $$"""

_REFUSE = """
CREATE FUNCTION hutong_refuse() RETURNS trigger @BEGIN
BEGIN
    RAISE EXCEPTION '%: %', TG_TABLE_NAME, TG_ARGV[0] @REFUSED 'refused';
END $$"""

_ROLE = """
CREATE FUNCTION hutong_role() RETURNS trigger @BEGIN
DECLARE
    three CONSTANT text[] := ARRAY['system_admin', 'security_admin', 'auditor'];
BEGIN
    PERFORM 1 FROM account WHERE id = NEW.account_id AND is_active FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a closed account is given no role' @REFUSED 'closed_account';
    END IF;
    IF EXISTS (SELECT FROM account_role held WHERE held.account_id = NEW.account_id AND held.role <> NEW.role
               AND (held.role = ANY (three) OR NEW.role = ANY (three))) THEN
        RAISE EXCEPTION 'an administrator of the three holds no other role' @REFUSED 'uq_account_role_one_admin';
    END IF;
    IF NEW.granted_by IS NOT NULL AND NOT EXISTS (
        SELECT FROM account_role giver WHERE giver.account_id = NEW.granted_by AND giver.role = 'security_admin') THEN
        RAISE EXCEPTION 'roles are given by the security administrator' @REFUSED 'granted_by_security';
    END IF;
    RETURN NEW;
END $$"""

_DELEGATION = """
CREATE FUNCTION hutong_delegation() RETURNS trigger @BEGIN
BEGIN
    IF NOT EXISTS (
        SELECT FROM account giver
        JOIN account holder ON holder.id = NEW.delegate_id AND holder.org_code = giver.org_code AND holder.is_active
        JOIN account_role own ON own.account_id = giver.id AND own.role = NEW.role
        WHERE giver.id = NEW.delegator_id AND giver.is_active
    ) OR EXISTS (
        SELECT FROM account_role WHERE account_id = NEW.delegate_id
        AND role IN ('system_admin', 'security_admin', 'auditor')
    ) THEN
        RAISE EXCEPTION 'one delegates a role of one''s own to a colleague' @REFUSED 'delegation';
    END IF;
    RETURN NEW;
END $$"""

_DELEGATED = """
CREATE FUNCTION hutong_delegated() RETURNS trigger @BEGIN
BEGIN
    IF NOT EXISTS (
        SELECT FROM delegation WHERE id = NEW.delegation_id
        AND (NEW.decided_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN starts_on AND ends_on
        AND (revoked_at IS NULL OR revoked_at >= NEW.decided_at)
    ) THEN
        RAISE EXCEPTION 'no delegation held at that instant' @REFUSED 'delegation_in_force';
    END IF;
    RETURN NEW;
END $$"""

_REQUEST_STEP = """
CREATE FUNCTION hutong_request_step() RETURNS trigger @BEGIN
DECLARE
    before request_step;
    place text := '';
    hands uuid[] := array_remove(ARRAY[NEW.decided_by, NEW.decided_for], NULL);
    began integer;
BEGIN
    SELECT * INTO before FROM request_step WHERE request_id = NEW.request_id AND seq = NEW.seq - 1;
    IF FOUND THEN
        place := before.state || '/' || before.stage;
    ELSIF NEW.seq <> 1 THEN
        RAISE EXCEPTION 'a step follows the one before' @REFUSED 'step_order';
    END IF;
    IF NOT EXISTS (SELECT FROM legal_step WHERE subject = 'request' AND from_state = place AND act = NEW.act
                   AND to_state = NEW.state || '/' || NEW.stage) THEN
        RAISE EXCEPTION 'from % nobody takes the step %', place, NEW.act @REFUSED 'legal_step';
    END IF;
    IF NEW.decided_at < before.decided_at THEN
        RAISE EXCEPTION 'a step is not taken before the one before it' @REFUSED 'step_instant';
    END IF;
    IF before.version <> NEW.version AND NEW.state <> 'draft' THEN
        RAISE EXCEPTION 'only a draft gets another text' @REFUSED 'step_version';
    END IF;
    IF NEW.act = 'agreed' THEN
        IF EXISTS (SELECT FROM request_step WHERE request_id = NEW.request_id AND act = 'req_approved'
                   AND version = NEW.version AND (decided_by = ANY (hands) OR decided_for = ANY (hands))) THEN
            RAISE EXCEPTION 'who approved for the requester does not agree for the provider'
                @REFUSED 'two_sides';
        END IF;
        SELECT max(seq) INTO began FROM request_step
        WHERE request_id = NEW.request_id AND act IN ('submitted', 'reconsidered');
        IF EXISTS (SELECT FROM request_step WHERE request_id = NEW.request_id AND act = 'agreed'
                   AND seq > coalesce(began, 0) AND seq < NEW.seq
                   AND (decided_by = ANY (hands) OR decided_for = ANY (hands))) THEN
            RAISE EXCEPTION 'of two who agree each is another person' @REFUSED 'two_hands';
        END IF;
    END IF;
    IF NEW.consent_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM standing_consent given JOIN request asked ON asked.id = NEW.request_id
        WHERE given.id = NEW.consent_id AND given.signed_by = NEW.decided_by AND given.revoked_at IS NULL
        AND given.resource_id = asked.resource_id) THEN
        RAISE EXCEPTION 'no such consent stands' @REFUSED 'consent_stands';
    END IF;
    RETURN NEW;
END $$"""

_RESOURCE_STEP = """
CREATE FUNCTION hutong_resource_step() RETURNS trigger @BEGIN
DECLARE
    place text;
    hands uuid[] := array_remove(ARRAY[NEW.decided_by, NEW.decided_for], NULL);
BEGIN
    SELECT status INTO place FROM resource_step WHERE resource_id = NEW.resource_id AND seq = NEW.seq - 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a step follows the one before' @REFUSED 'step_order';
    END IF;
    IF EXISTS (SELECT FROM legal_step WHERE subject = 'resource' AND act = NEW.step)
       AND NOT EXISTS (SELECT FROM legal_step WHERE subject = 'resource' AND from_state = place
                       AND act = NEW.step AND to_state = NEW.status) THEN
        RAISE EXCEPTION 'from % nobody takes the step %', place, NEW.step @REFUSED 'legal_step';
    END IF;
    IF NEW.step IN ('head_approve', 'review', 'publish') AND EXISTS (
        SELECT FROM resource_step WHERE resource_id = NEW.resource_id AND round = NEW.round AND seq <> NEW.seq
        AND step IN ('head_approve', 'review', 'publish')
        AND (decided_by = ANY (hands) OR decided_for = ANY (hands))) THEN
        RAISE EXCEPTION 'each approval is another person''s' @REFUSED 'uq_resource_step_approver';
    END IF;
    RETURN NEW;
END $$"""

_FORWARD = """
CREATE FUNCTION hutong_forward() RETURNS trigger @BEGIN
DECLARE
    was jsonb := to_jsonb(OLD);
    is_now jsonb := to_jsonb(NEW);
    taken integer := NEW.step_seq - OLD.step_seq;
    name text;
BEGIN
    IF taken NOT IN (0, 1) THEN
        RAISE EXCEPTION '% moves by one step at a time', TG_TABLE_NAME @REFUSED 'one_step';
    END IF;
    FOREACH name IN ARRAY TG_ARGV LOOP
        IF (is_now ->> name)::integer NOT BETWEEN (was ->> name)::integer AND (was ->> name)::integer + 1 THEN
            RAISE EXCEPTION '%.% goes up by one', TG_TABLE_NAME, name @REFUSED 'one_up';
        END IF;
    END LOOP;
    RETURN NEW;
END $$"""

_REQUEST_STANDS = """
CREATE FUNCTION hutong_request_stands() RETURNS trigger @BEGIN
DECLARE
    asked uuid := CASE WHEN TG_TABLE_NAME = 'request' THEN (to_jsonb(NEW) ->> 'id')::uuid
                       ELSE (to_jsonb(NEW) ->> 'request_id')::uuid END;
    present request;
    last request_step;
    clock request_clock;
BEGIN
    SELECT * INTO present FROM request WHERE id = asked;
    SELECT * INTO last FROM request_step WHERE request_id = asked ORDER BY seq DESC LIMIT 1;
    IF (present.step_seq, present.version) IS DISTINCT FROM (last.seq, last.version) THEN
        RAISE EXCEPTION 'a request stands on its last step and text' @REFUSED 'last_step';
    END IF;
    SELECT * INTO clock FROM request_clock WHERE request_id = asked AND stopped_at IS NULL;
    IF (present.counted_from, present.limit_days, present.due_on)
       IS DISTINCT FROM (clock.counted_from, clock.limit_days, clock.due_on) THEN
        RAISE EXCEPTION 'a request shows the term that runs' @REFUSED 'running_term';
    END IF;
    IF present.state = 'submitted' AND clock.request_id IS NULL THEN
        RAISE EXCEPTION 'the term runs until the reply' @REFUSED 'term_runs';
    END IF;
    RETURN NULL;
END $$"""

_RESOURCE_STANDS = """
CREATE FUNCTION hutong_resource_stands() RETURNS trigger @BEGIN
DECLARE
    entry uuid := CASE WHEN TG_TABLE_NAME = 'resource' THEN (to_jsonb(NEW) ->> 'id')::uuid
                       ELSE (to_jsonb(NEW) ->> 'resource_id')::uuid END;
    present resource;
BEGIN
    SELECT * INTO present FROM resource WHERE id = entry;
    IF present.step_seq IS DISTINCT FROM (SELECT max(seq) FROM resource_step WHERE resource_id = entry) THEN
        RAISE EXCEPTION 'an entry stands on its last step' @REFUSED 'last_step';
    END IF;
    IF present.published_version IS NOT NULL AND NOT EXISTS (
        SELECT FROM resource_step WHERE resource_id = entry AND version = present.published_version
        AND step = 'publish') THEN
        RAISE EXCEPTION 'what is shown as published was published' @REFUSED 'published_by_step';
    END IF;
    RETURN NULL;
END $$"""

_KEPT = """
CREATE FUNCTION hutong_kept() RETURNS trigger @BEGIN
DECLARE
    was jsonb := to_jsonb(OLD);
    is_now jsonb := to_jsonb(NEW);
    name text;
BEGIN
    FOREACH name IN ARRAY TG_ARGV LOOP
        IF was -> name <> 'null'::jsonb AND was -> name <> is_now -> name THEN
            RAISE EXCEPTION '%.% is given once', TG_TABLE_NAME, name @REFUSED 'given_once';
        END IF;
    END LOOP;
    RETURN NEW;
END $$"""

_TERM = """
CREATE FUNCTION hutong_term() RETURNS trigger @BEGIN
DECLARE
    worked integer;
    is_worked boolean;
BEGIN
    IF NEW.limit_days - NEW.extension_days <> OLD.limit_days - OLD.extension_days
       OR NEW.extension_days < OLD.extension_days
       OR NEW.extension_days > OLD.extension_days AND NOT EXISTS (
           SELECT FROM request_extension WHERE request_id = NEW.request_id AND is_granted
           AND days >= NEW.extension_days) THEN
        RAISE EXCEPTION 'a term is lengthened by a granted extension only' @REFUSED 'term_length';
    END IF;
    IF NEW.due_on <> OLD.due_on THEN
        SELECT count(*), bool_or(each::date = NEW.due_on) INTO worked, is_worked
        FROM generate_series((NEW.counted_from + 1)::timestamp, NEW.due_on::timestamp, interval '1 day') each
        LEFT JOIN calendar_day named ON named.day = each::date
        WHERE coalesce(named.kind = 'make_up', extract(isodow FROM each) < 6);
        IF (worked, is_worked) IS DISTINCT FROM (NEW.limit_days, true) THEN
            RAISE EXCEPTION 'a due day is counted by the calendar' @REFUSED 'term_counted';
        END IF;
    END IF;
    RETURN NEW;
END $$"""

_GRANT = """
CREATE FUNCTION hutong_grant() RETURNS trigger @BEGIN
BEGIN
    IF NOT EXISTS (SELECT FROM request_step WHERE request_id = NEW.request_id AND act = 'agreed'
                   AND state = 'agreed') THEN
        RAISE EXCEPTION 'no grant without an agreement' @REFUSED 'agreed';
    END IF;
    RETURN NEW;
END $$"""

FUNCTIONS = (
    _SETTLED,
    _REFUSE,
    _ROLE,
    _DELEGATION,
    _DELEGATED,
    _REQUEST_STEP,
    _RESOURCE_STEP,
    _FORWARD,
    _REQUEST_STANDS,
    _RESOURCE_STANDS,
    _KEPT,
    _TERM,
    _GRANT,
)

# Once it is so, nothing of the row changes any more, but what is named.
_ONCE = {
    "access_token": ("OLD.revoked_at IS NOT NULL", "last_used_at"),
    "delegation": ("OLD.revoked_at IS NOT NULL",),
    "duty_extension": ("OLD.is_granted IS NOT NULL",),
    "enrolment_token": ("OLD.used_at IS NOT NULL", "org_code"),
    "grant_record": ("OLD.countersigned_at IS NOT NULL",),
    "proposal": ("OLD.status IN ('confirmed', 'declined')", "org_code"),
    "request_clock": ("OLD.stopped_at IS NOT NULL",),
    "request_extension": ("OLD.is_granted IS NOT NULL",),
    "standing_consent": ("OLD.revoked_at IS NOT NULL", "org_code"),
    "work_order": ("OLD.answered_at IS NOT NULL",),
}
# Nothing begins decided.
_UNDECIDED = {
    "access_token": "NEW.revoked_at IS NOT NULL",
    "delegation": "NEW.revoked_at IS NOT NULL",
    "duty_extension": "NEW.is_granted IS NOT NULL",
    "request": "NEW.state <> 'draft' OR NEW.step_seq > 1",
    "request_clock": "NEW.stopped_at IS NOT NULL OR NEW.extension_days <> 0",
    "request_extension": "NEW.is_granted IS NOT NULL",
    "standing_consent": "NEW.revoked_at IS NOT NULL",
}


def upgrade() -> None:
    op.create_table(
        "legal_step",
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("from_state", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("to_state", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("subject", "from_state", "act", "to_state", name="pk_legal_step"),
    )
    for function in FUNCTIONS:
        op.execute(function.replace("@BEGIN", _BEGIN).replace("@REFUSED", _REFUSED))
    for table, (condition, *free) in _ONCE.items():
        _before(table, "settled", "UPDATE", "hutong_settled", condition, *free)
    for table, condition in _UNDECIDED.items():
        _before(table, "undecided", "INSERT", "hutong_refuse", condition, "nothing begins decided")
    _before("node", "revoked_for_good", "UPDATE", "hutong_refuse", "OLD.is_revoked AND NOT NEW.is_revoked", "revoked")
    _before("account_role", "exclusive", "INSERT", "hutong_role")
    _before("delegation", "own_role", "INSERT", "hutong_delegation")
    for table, verb in {
        "request_step": "INSERT",
        "resource_step": "INSERT",
        "request_extension": "UPDATE",
        "duty_extension": "UPDATE",
    }.items():
        _before(table, "delegated", verb, "hutong_delegated", "NEW.delegation_id IS NOT NULL")
    for table, condition in {"request_step": "", "resource_step": " WHEN (NEW.seq > 1)"}.items():
        op.execute(  # after, so that the table's own constraints speak first
            f"CREATE TRIGGER legal AFTER INSERT ON {table} FOR EACH ROW{condition} EXECUTE FUNCTION hutong_{table}()"
        )
    _before("request", "forward", "UPDATE", "hutong_forward", "OLD.* IS DISTINCT FROM NEW.*", "version")
    _before("request", "kept", "UPDATE", "hutong_kept", "", "first_submitted_at", "arrived_at")
    moved = "(OLD.step_seq, OLD.status, OLD.round, OLD.current_version) IS DISTINCT FROM"
    moved += " (NEW.step_seq, NEW.status, NEW.round, NEW.current_version)"
    _before("resource", "forward", "UPDATE", "hutong_forward", moved, "round", "current_version")
    discarded = "NEW.status = 'withdrawn' AND NEW.published_version IS NULL"  # foreign numbers are free again
    _before("resource", "kept", "UPDATE", "hutong_kept", f"NOT ({discarded})", "identifier", "code")
    _before("request_clock", "term", "UPDATE", "hutong_term")
    _before("grant_record", "agreed", "INSERT", "hutong_grant")
    _at_commit("request", "UPDATE", "hutong_request_stands", "OLD.* IS DISTINCT FROM NEW.*")
    _at_commit("request_step", "INSERT", "hutong_request_stands", "NEW.seq > 1")
    _at_commit("request_clock", "INSERT OR UPDATE", "hutong_request_stands")
    stands = "(OLD.step_seq, OLD.published_version) IS DISTINCT FROM (NEW.step_seq, NEW.published_version)"
    _at_commit("resource", "UPDATE", "hutong_resource_stands", stands)
    _at_commit("resource_step", "INSERT", "hutong_resource_stands", "NEW.seq > 1")


def _before(table: str, name: str, verb: str, function: str, condition: str = "", *given: str) -> None:
    when = f" WHEN ({condition})" if condition else ""
    named = ", ".join(f"'{each}'" for each in given)
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW{when} EXECUTE FUNCTION {function}({named})"
    )


def _at_commit(table: str, verb: str, function: str, condition: str = "") -> None:
    when = f" WHEN ({condition})" if condition else ""
    op.execute(
        f"CREATE CONSTRAINT TRIGGER stands AFTER {verb} ON {table} DEFERRABLE INITIALLY DEFERRED"
        f" FOR EACH ROW{when} EXECUTE FUNCTION {function}()"
    )
