"""Above the two departments nobody answers a dispute about their own refusal, or after their own answer (Art. 28)."""

from alembic import op

revision = "0054"
down_revision = "0053"

_ANSWER = """
CREATE FUNCTION hutong_dispute_answer() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    hands uuid[] := array_remove(ARRAY[NEW.decided_by, NEW.decided_for], NULL);
    refused integer;
BEGIN
    SELECT max(seq) INTO refused FROM request_step
    WHERE request_id = NEW.request_id AND seq < NEW.seq AND act = 'refused';
    IF EXISTS (
        SELECT FROM request_step WHERE request_id = NEW.request_id AND seq >= refused AND seq < NEW.seq
        AND act IN ('refused', 'dispute_answered') AND (decided_by = ANY (hands) OR decided_for = ANY (hands))
    ) THEN
        RAISE EXCEPTION 'each level is another person''s' USING ERRCODE = 'check_violation', CONSTRAINT = 'two_hands';
    END IF;
    RETURN NULL;
END $$"""


def upgrade() -> None:
    op.execute(_ANSWER)
    op.execute(
        "CREATE TRIGGER two_hands AFTER INSERT ON request_step FOR EACH ROW"
        " WHEN (NEW.act = 'dispute_answered' AND NEW.stage <> 'negotiation_answered')"
        " EXECUTE FUNCTION hutong_dispute_answer()"
    )
