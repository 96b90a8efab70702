"""What the application's database role may do with each table. History can be added to, never changed or removed.

The sequencer runs in the directory's process in this release, so the role may delete from ``audit_out``: whoever holds
it could suppress an entry before it is sequenced (within about a second), but not change one that has been.
"""

from collections.abc import Mapping

_APPEND = ("SELECT", "INSERT")
_UPDATE = ("SELECT", "INSERT", "UPDATE")
_DELETE = ("SELECT", "INSERT", "DELETE")
_ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")

_CLOCK = ("SELECT", "INSERT", "UPDATE (limit_days, extension_days, due_on, stopped_at, outcome)")
_DEMAND_ITEM = (
    "SELECT",
    "INSERT",
    "UPDATE (resource_id, item_field, score, reason, chosen_by, chosen_at, request_id, satisfied_by, satisfied_at)",
)
_EXTENSION = ("SELECT", "INSERT", "UPDATE (is_granted, decided_by, decided_for, delegation_id, decided_at, comment)")
_REPLY_EXTENSION = (
    "SELECT",
    "INSERT",
    "UPDATE (is_granted, decided_by, decided_for, delegation_id, decided_at, notified_at)",
)
_GRANT = ("SELECT", "INSERT", "UPDATE (countersignature, countersigned_by, countersigned_at)")
_CORRECTION = ("SELECT", "INSERT", "UPDATE (corrected_from_on, corrected_from_batch)")
_CORRECTION_NOTICE = ("SELECT", "INSERT", "UPDATE (org_code, acknowledged_by, acknowledged_name, acknowledged_at)")
_MATTER = ("SELECT", "INSERT", "UPDATE (from_org, to_org, state, step_seq, counted_from, limit_days, due_on)")
_MATTER_TERM = ("SELECT", "INSERT", "UPDATE (due_on, stopped_at, outcome)")
_LIBRARY = ("SELECT", "INSERT", "UPDATE (label, class_code)")
_NEGATIVE = (
    "SELECT",
    "INSERT",
    "UPDATE (state, decided_by, decided_for, delegation_id, decided_at, decision_words, ended_by, ended_at, end_words,"
    " org_code)",
)
_NODE = ("SELECT", "INSERT", "UPDATE (is_revoked, revoked_at, seen_at, org_code, org_name)")
_PROPOSAL = ("SELECT", "INSERT", "UPDATE (status, resource_id, reason, decided_by, decided_at, org_code)")
_REQUEST = (
    "SELECT",
    "INSERT",
    "UPDATE (version, share_type, needs_office, office_first, decider_rule_id, state, stage, step_seq,"
    " first_submitted_at, submitted_at, supplement_asked_at, replied_at, reply_due_on, arrived_at,"
    " counted_from, limit_days, due_on, provider_org, requester_org, handled_by)",
)
_TOKEN = ("SELECT", "INSERT", "UPDATE (used_at, org_code)")

_RESOURCE = (
    "SELECT",
    "INSERT",
    "UPDATE (identifier, code, title, status, step_seq, round, current_version, published_version, published_on,"
    " library, share_type, updated_on, source_key, org_code)",
)

PRIVILEGES: Mapping[str, tuple[str, ...]] = {
    "access_token": ("SELECT", "INSERT", "UPDATE (last_used_at, revoked_at)"),
    "account": ("SELECT", "INSERT", "UPDATE (display_name, is_active, password_hash, one_time_until, org_code)"),
    "account_role": _DELETE,
    "assessment_file": _APPEND,
    "alembic_version": ("SELECT",),
    "audit_checkpoint": _APPEND,
    "audit_log": _APPEND,
    "audit_out": _DELETE,
    "backflow_request": _APPEND,
    "batch_status": _UPDATE,
    "bulletin": _APPEND,
    "calendar_day": _ALL,
    "calendar_year": _ALL,
    "cart_form": _ALL,
    "cart_item": _DELETE,
    "catalogue_import": _UPDATE,
    "decider_rule": _APPEND,
    "collection_check": _APPEND,
    "demand": ("SELECT", "INSERT", "UPDATE (withdrawn_by, withdrawn_at, withdraw_reason, org_code)"),
    "demand_item": _DEMAND_ITEM,
    "delegation": ("SELECT", "INSERT", "UPDATE (revoked_at, revoked_by)"),
    "complaint": ("SELECT", "INSERT", "UPDATE (brief)"),
    "correction": _CORRECTION,
    "correction_notice": _CORRECTION_NOTICE,
    "correction_referral": _APPEND,
    "disposal_certificate": _APPEND,
    "duty_change": ("SELECT", "INSERT", "UPDATE (org_code)"),
    "duty_change_entry": _APPEND,
    "duty_extension": _EXTENSION,
    "class_code": _UPDATE,
    "ended_tally": ("SELECT",),
    "enrolment_token": _TOKEN,
    "feed_entry": _APPEND,
    "fidelity_certificate": _APPEND,
    "entrustment": ("SELECT", "INSERT", "UPDATE (org_code)"),
    "entrustment_step": _APPEND,
    "filter_offer": ("SELECT", "INSERT", "UPDATE (withdrawn_by, withdrawn_at)"),
    "grant_record": _GRANT,
    "held_entry": _DELETE,
    "held_item": _DELETE,
    "held_spelling": _APPEND,
    "import_cell": _ALL,
    "import_entry": _ALL,
    "import_file": _DELETE,
    "import_mapping": _UPDATE,
    "item_change": ("SELECT", "INSERT", "UPDATE (noted_by, noted_by_name, noted_at)"),
    "legal_step": ("SELECT",),
    "library": _LIBRARY,
    "library_change": _APPEND,
    "library_item": _UPDATE,
    "local_rule": _APPEND,
    "login_failure": _ALL,
    "login_session": _ALL,
    "matter": _MATTER,
    "matter_file": _APPEND,
    "matter_step": _APPEND,
    "matter_term": _MATTER_TERM,
    "minted": _UPDATE,
    "mount_probe": _APPEND,
    "negative_entry": _NEGATIVE,
    "node": _NODE,
    "node_confirmation": _APPEND,
    "node_key_change": _APPEND,
    "node_nonce": _DELETE,
    "notice": ("SELECT", "INSERT", "UPDATE (org_code)"),
    "notice_mark": _UPDATE,
    "notice_read": _DELETE,
    "objection": _APPEND,
    "organisation": _UPDATE,
    "organisation_former_name": _APPEND,
    "proposal": _PROPOSAL,
    "prefix_allotment": ("SELECT", "INSERT", "UPDATE (closed_at)"),
    "prefix_delegation": ("SELECT", "INSERT", "UPDATE (org_code)"),
    "rating": ("SELECT", "INSERT", "UPDATE (org_code, version, state)"),
    "rating_note": _APPEND,
    "rating_version": _APPEND,
    "receipt": _APPEND,
    "reconciliation": _APPEND,
    "reform": _APPEND,
    "reform_move": _APPEND,
    "reform_succession": _APPEND,
    "reform_work": _UPDATE,
    "reminded": _APPEND,
    "reminder_rule": ("SELECT", "UPDATE (days, is_on, changed_by, changed_at)"),
    "request": _REQUEST,
    "request_change": _APPEND,
    "request_clock": _CLOCK,
    "request_comment": _APPEND,
    "request_extension": _REPLY_EXTENSION,
    "request_file": _APPEND,
    "request_item_refusal": _APPEND,
    "request_step": _APPEND,
    "request_supplement": _APPEND,
    "request_version": _APPEND,
    "resource": _RESOURCE,
    "resource_remark": _APPEND,
    "resource_step": _APPEND,
    "resource_version": _APPEND,
    "resource_views": _UPDATE,
    "responsibility": ("SELECT", "INSERT", "UPDATE (state, step_seq, resource_id, org_code)"),
    "responsibility_step": _APPEND,
    "route": _APPEND,
    "running_tally": ("SELECT",),
    "search_change": _DELETE,
    "search_pruned": ("SELECT", "UPDATE"),
    "service_notice": _APPEND,
    "service_party": _APPEND,
    "service_step": _APPEND,
    "situation": ("SELECT", "INSERT", "UPDATE (org_code)"),
    "situation_step": _APPEND,
    "standing_consent": ("SELECT", "INSERT", "UPDATE (revoked_by, revoked_at, revoke_words, org_code)"),
    "statistics_month": _APPEND,
    "template": _UPDATE,
    "use_cap": _APPEND,
    "use_record": _APPEND,
    "work_order": ("SELECT", "INSERT", "UPDATE (outcome, result, answered_at)"),
}
