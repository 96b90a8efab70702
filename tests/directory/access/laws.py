"""What must hold of every request at every moment, as SQL written from the regulation and not from our own functions.

Each query answers with what breaks it: a request and words that say how. They read tables only.

The service was broken on purpose in these ways, and ``temptations.py`` met with each. Seen by a law here: no term of
provision; reconsidered or supplemented, with the term counted from the first receipt; an extension granted in whose
name it was asked; a grant without a basis, or on one of blanks; a second notice. Stopped by the database's own checks
before a law is asked: no term after a dispute; more days of extension than the law's, by a longer local rule; one who
agrees twice, by a delegate; an extension granted by its asker in person; a revoked consent that still answers; a
delegation whose day is past; silence taken for consent or refusal; the requester's side agreeing for the provider; who
created it approving, or by a delegate. A longer local rule that is counted with is seen by ``OTHER_LENGTH``; a
delegation taken back and a consent to what was published before, by ``NOT_HELD``. A verb that only takes a longer local
rule down breaks no law: it is counted with by nobody (``tests/directory/rules`` refuses it).
"""

from typing import Final

# The present round: what was done since the text was last written, and since it was last handed in.
_ROUNDS: Final = """
    began AS (
        SELECT request_id,
               max(seq) FILTER (WHERE act IN ('created', 'amended')) AS written,
               max(seq) FILTER (WHERE act IN ('submitted', 'reconsidered')) AS received
          FROM request_step GROUP BY request_id
    ),
    consent AS (  -- every step by which a side consents in the present round
        SELECT s.*, CASE s.act WHEN 'req_approved' THEN 'requester' ELSE 'provider' END AS side
          FROM request_step s JOIN began b USING (request_id)
         WHERE (s.act = 'req_approved' AND s.seq > b.written) OR (s.act = 'agreed' AND s.seq > b.received)
    ),
    granted AS (SELECT * FROM request r WHERE EXISTS (SELECT FROM grant_record g WHERE g.request_id = r.id))
"""

CONSENTS: Final[dict[str, str]] = {
    "handed in or granted without the approval of its own department over this very text (Art. 20)": f"""
        WITH {_ROUNDS} SELECT r.id FROM request r
         WHERE r.state NOT IN ('draft', 'discarded', 'supplement_asked') AND NOT EXISTS (
               SELECT FROM consent c WHERE c.request_id = r.id AND c.side = 'requester' AND c.version = r.version)""",
    "granted without the provider's agreement to this very text (Art. 20, 21)": f"""
        WITH {_ROUNDS} SELECT r.id FROM granted r WHERE NOT EXISTS (
               SELECT FROM consent c JOIN account a ON a.id = c.decided_by
                WHERE c.request_id = r.id AND c.side = 'provider' AND c.version = r.version
                  AND a.org_code = r.provider_org)""",
    "granted by one where two decide: the provider, and the office": f"""
        WITH {_ROUNDS} SELECT r.id FROM granted r
         WHERE r.needs_office AND NOT EXISTS (SELECT FROM request_change h WHERE h.request_id = r.id)
           AND 2 > (SELECT count(DISTINCT c.decided_by) FROM consent c
                     WHERE c.request_id = r.id AND c.side = 'provider' AND c.version = r.version)""",
    "one person consents twice, acting or acted for": f"""
        WITH {_ROUNDS},
             hand AS (SELECT c.request_id, c.seq, who FROM consent c, unnest(ARRAY[c.decided_by, c.decided_for]) who
                       WHERE who IS NOT NULL
                      UNION SELECT id, 0, created_by FROM request)
        SELECT DISTINCT a.request_id FROM hand a JOIN hand b ON a.request_id = b.request_id AND a.who = b.who
         WHERE a.seq < b.seq""",
    "who decides on an extension asked for it, acting or acted for": """
        SELECT e.request_id FROM request_extension e
          JOIN request_step s ON s.request_id = e.request_id AND s.act = 'extension_asked'
         WHERE e.is_granted IS NOT NULL
           AND ARRAY[e.decided_by, e.decided_for]
               && array_remove(ARRAY[e.requested_by, s.decided_by, s.decided_for], NULL)""",
    "one person answers a dispute on two levels, or for a refusal of theirs above the departments (Art. 28)": """
        WITH present AS (
             SELECT s.* FROM request_step s WHERE s.act IN ('refused', 'dispute_answered') AND s.seq >= (
                    SELECT max(seq) FROM request_step l WHERE l.request_id = s.request_id AND l.act = 'refused')),
             hand AS (SELECT p.*, who FROM present p, unnest(ARRAY[p.decided_by, p.decided_for]) who)
        SELECT b.request_id FROM hand a JOIN hand b ON a.request_id = b.request_id AND a.who = b.who
         WHERE a.seq < b.seq AND b.stage <> 'negotiation_answered'""",
    "answered by nobody: silence is neither consent nor refusal": """
        SELECT request_id FROM request_step
         WHERE act IN ('req_approved', 'agreed', 'refused', 'reconsidered') AND decided_by IS NULL""",
    "rests on a standing consent to something else": """
        SELECT s.request_id FROM request_step s JOIN request r ON r.id = s.request_id
          JOIN standing_consent c ON c.id = s.consent_id
         WHERE c.resource_id <> r.resource_id OR c.signed_by <> s.decided_by OR r.share_type <> 'unconditional'""",
}

BASIS: Final[dict[str, str]] = {
    "granted without a basis": """
        SELECT g.request_id FROM grant_record g JOIN request r ON r.id = g.request_id
          LEFT JOIN request_version v ON v.request_id = r.id AND v.version = r.version
         WHERE btrim(coalesce(v.record ->> 'basis', '')) = ''
            OR btrim(coalesce(v.record ->> 'scenario', '')) = ''""",
    "granted without the step that agrees to it": """
        SELECT g.request_id FROM grant_record g WHERE NOT EXISTS (
               SELECT FROM request_step s WHERE s.request_id = g.request_id AND s.act = 'agreed'
                  AND s.state = 'agreed' AND s.decided_at <= g.issued_at)""",
    "in use without a grant that the provider's node confirmed": """
        SELECT id FROM request r WHERE state IN ('provisioned', 'active', 'suspended')
           AND (NOT EXISTS (SELECT FROM grant_record g WHERE g.request_id = r.id)
                OR EXISTS (SELECT FROM grant_record g WHERE g.request_id = r.id AND g.countersigned_at IS NULL))""",
    "two grants in force where one takes the other's place": """
        SELECT h.request_id FROM request_change h JOIN request n ON n.id = h.request_id
          JOIN request o ON o.id = n.renews AND o.state IN ('provisioned', 'active', 'suspended')
         WHERE n.state IN ('provisioned', 'active', 'suspended')""",
}

CLOCKS: Final[dict[str, str]] = {
    "no reply term, or not exactly one, since it was received (Art. 21)": """
        SELECT r.id FROM request r WHERE r.state = 'submitted' AND 1 <> (
               SELECT count(*) FROM request_clock c WHERE c.request_id = r.id AND c.stopped_at IS NULL
                  AND c.rule_id = CASE r.share_type WHEN 'unconditional' THEN 'REPLY_UNCONDITIONAL'
                                                    ELSE 'REPLY_CONDITIONAL' END
                  AND c.counted_from = (SELECT (s.decided_at AT TIME ZONE 'Asia/Shanghai')::date FROM request_step s
                        WHERE s.request_id = r.id AND s.act IN ('submitted', 'reconsidered') ORDER BY seq DESC LIMIT 1))
        """,
    "no term of provision, or not exactly one, since it was agreed to (Art. 22)": """
        SELECT r.id FROM request r
         WHERE (r.state IN ('agreed', 'provisioned') OR (r.state = 'suspended' AND r.arrived_at IS NULL)) AND 1 <> (
               SELECT count(*) FROM request_clock c WHERE c.request_id = r.id AND c.stopped_at IS NULL
                  AND c.rule_id = 'PROVIDE'
                  AND c.counted_from = (SELECT (s.decided_at AT TIME ZONE 'Asia/Shanghai')::date FROM request_step s
                        WHERE s.request_id = r.id AND s.act = 'agreed' AND s.state = 'agreed'))""",
    "a term runs where the law gives none": """
        SELECT r.id FROM request r JOIN request_clock c ON c.request_id = r.id AND c.stopped_at IS NULL
         WHERE r.state NOT IN ('submitted', 'agreed', 'provisioned')
           AND NOT (r.state = 'suspended' AND r.arrived_at IS NULL)""",
    "a term disappeared: fewer are kept than receipts and agreements": """
        SELECT r.id FROM request r WHERE
               (SELECT count(*) FROM request_clock c WHERE c.request_id = r.id) <>
               (SELECT count(*) FROM request_step s WHERE s.request_id = r.id
                   AND (s.act IN ('submitted', 'reconsidered') OR (s.act = 'agreed' AND s.state = 'agreed')))""",
    "longer by something else than the one extension that the office consented to (Art. 21)": """
        SELECT c.request_id FROM request_clock c
          LEFT JOIN request_extension e ON e.request_id = c.request_id AND e.is_granted
         GROUP BY c.request_id
        HAVING sum(c.extension_days) <> coalesce(max(e.days), 0)
            OR bool_or(c.extension_days > CASE c.rule_id WHEN 'PROVIDE' THEN 0 ELSE 10 END)""",
    "due on another day than the calendar gives: working days after the day of receipt": """
        SELECT c.request_id FROM request_clock c WHERE c.due_on IS DISTINCT FROM (
               SELECT max(d) FROM (
                   SELECT d::date AS d FROM generate_series(c.counted_from + 1, c.counted_from + 90, '1 day') d
                     LEFT JOIN calendar_day k ON k.day = d::date
                    WHERE k.kind = 'make_up' OR (extract(isodow FROM d) < 6 AND k.kind IS DISTINCT FROM 'off')
                    ORDER BY d LIMIT c.limit_days) worked)""",
    "the request shows another due day than its running term": """
        SELECT r.id FROM request r LEFT JOIN request_clock c ON c.request_id = r.id AND c.stopped_at IS NULL
         WHERE (r.due_on, r.limit_days, r.counted_from) IS DISTINCT FROM (c.due_on, c.limit_days, c.counted_from)""",
}

SUPPLEMENTS: Final[dict[str, str]] = {
    "asked for a second time, or for what was missing at the first notice already (Art. 21)": """
        SELECT b.request_id FROM request_supplement a
          JOIN request_supplement b ON b.request_id = a.request_id AND b.step_seq > a.step_seq
          JOIN request_version v ON v.request_id = a.request_id AND v.version = a.version
          JOIN request_version w ON w.request_id = b.request_id AND w.version = b.version
         WHERE b.part <> 'valid_until'
           AND (b.part = a.part OR b.part = 'papers' OR v.record -> b.part = w.record -> b.part)""",
    "received again with a part as it was when it was found missing, which no life speaks for by name": """
        SELECT s.request_id FROM request_supplement s
          JOIN LATERAL (SELECT * FROM request_step r WHERE r.request_id = s.request_id AND r.seq > s.step_seq
                           AND r.state = 'submitted' ORDER BY r.seq LIMIT 1) r ON true
          JOIN request_version v ON v.request_id = s.request_id AND v.version = s.version
          JOIN request_version w ON w.request_id = s.request_id AND w.version = r.version
         WHERE s.part <> 'papers'
           AND v.record -> s.part IS NOT DISTINCT FROM w.record -> s.part""",
}

HISTORY: Final[dict[str, str]] = {
    "steps are numbered with a gap, or go back in time": """
        SELECT request_id FROM (SELECT *, row_number() OVER w AS n, lag(decided_at) OVER w AS before
                                  FROM request_step WINDOW w AS (PARTITION BY request_id ORDER BY seq)) s
         WHERE n <> seq OR decided_at < before""",
    "the request does not stand where its last step left it": """
        SELECT r.id FROM request r WHERE (r.step_seq, r.state, r.stage) IS DISTINCT FROM (
               SELECT (s.seq, s.state, s.stage) FROM request_step s WHERE s.request_id = r.id ORDER BY seq DESC LIMIT 1)
        """,
    "a step without its entry in the audit": """
        SELECT r.id FROM request r LEFT JOIN (
               SELECT convert_from(bytes, 'UTF8')::json ->> 'subject' AS subject, count(*) AS n FROM audit_out
                WHERE convert_from(bytes, 'UTF8')::json ->> 'action' IN (SELECT 'request:' || act FROM request_step)
                GROUP BY 1) a ON a.subject = r.id::text
         WHERE a.n IS DISTINCT FROM r.step_seq""",
}

COUNTS: Final[dict[str, str]] = {
    "other running terms are kept count of than run": """
        SELECT 'count', provider_org, counted_from, limit_days, due_on FROM (
            SELECT provider_org, counted_from, limit_days, due_on, number FROM running_tally
            UNION ALL SELECT provider_org, counted_from, limit_days, due_on, -1 FROM request WHERE due_on IS NOT NULL
        ) each GROUP BY provider_org, counted_from, limit_days, due_on HAVING sum(number) <> 0""",
    "other ended terms are kept count of than ended": """
        SELECT 'count', provider_org, year, is_late FROM (
            SELECT provider_org, year, is_late, number FROM ended_tally
            UNION ALL SELECT r.provider_org, extract(year FROM timezone('Asia/Shanghai', stopped_at)),
                             date(timezone('Asia/Shanghai', stopped_at)) > c.due_on, -1
              FROM request_clock c JOIN request r ON r.id = request_id WHERE outcome IN ('answered', 'provided')
        ) each GROUP BY provider_org, year, is_late HAVING sum(number) <> 0""",
}

LAWS: Final = CONSENTS | BASIS | CLOCKS | SUPPLEMENTS | HISTORY | COUNTS

WRITTEN_ONCE: Final = """
    SELECT 'step', request_id::text || seq, md5(s::text) FROM request_step s
    UNION ALL SELECT 'text', request_id::text || version, md5(v::text) FROM request_version v
    UNION ALL SELECT 'grant', grant_id, md5(body) FROM grant_record
    UNION ALL SELECT 'term', request_id::text || seq, md5(c::text) FROM request_clock c WHERE stopped_at IS NOT NULL
    UNION ALL SELECT 'term begun', request_id::text || seq,
                     concat_ws(' ', rule_id, counted_from, limit_days - extension_days, started_at) FROM request_clock
    UNION ALL SELECT 'left out', request_id::text || step_seq || item, md5(i::text) FROM request_item_refusal i
    UNION ALL SELECT 'consent', id::text, md5(words || signed_by || signed_at || resource_version)
                FROM standing_consent
    UNION ALL SELECT 'audit', n::text, md5(bytes) FROM audit_out
"""
"""What is never changed nor removed once it is there: a kind, which one, and a digest of what it says."""

NOT_HELD: Final = """
    SELECT s.request_id FROM request_step s LEFT JOIN delegation d ON d.id = s.delegation_id
      LEFT JOIN standing_consent c ON c.id = s.consent_id LEFT JOIN request r ON r.id = s.request_id
      LEFT JOIN resource e ON e.id = r.resource_id
     WHERE s.request_id::text || s.seq = ANY(:steps)
       AND ((d.id IS NOT NULL AND (d.revoked_at IS NOT NULL OR :today NOT BETWEEN d.starts_on AND d.ends_on
                                   OR (d.delegator_id, d.delegate_id) IS DISTINCT FROM (s.decided_for, s.decided_by)))
         OR (c.id IS NOT NULL AND (c.revoked_at IS NOT NULL OR c.resource_version <> e.published_version)))
"""
"""Of the steps just left: those under a delegation that does not hold today, or a consent that no longer stands."""

OTHER_LENGTH: Final = """
    SELECT c.request_id FROM request_clock c
     WHERE c.request_id::text || c.seq = ANY(:terms) AND c.limit_days - c.extension_days <> least(
           CASE c.rule_id WHEN 'REPLY_UNCONDITIONAL' THEN 1 WHEN 'REPLY_CONDITIONAL' THEN 10 ELSE 20 END,
           coalesce((SELECT l.limit_days FROM local_rule l
                      WHERE l.rule_id = c.rule_id AND l.effective_on <= c.counted_from
                      ORDER BY l.effective_on DESC LIMIT 1), 99))
"""
"""Of the terms just begun: those of another length than the law's (Art. 21, 22), or a shorter local rule's."""
