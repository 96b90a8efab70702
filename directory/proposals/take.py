"""Take proposals from a node: in its own name only, each profile of a table once."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from directory.audit.record import record
from directory.errors import DirectoryError
from directory.nodes.authenticate import Caller
from directory.organisations.queries import predecessors
from directory.proposals.models import ProposalRow
from metadata.proposal import Proposal
from metadata.signed import Signed


def take(session: Session, caller: Caller, statements: Sequence[Signed], now: datetime) -> int:
    """Keep the proposals, all or none; how many now wait that did not before.

    A table whose proposal was declined comes again only when its structure has changed. Raises ``MetadataError
    SIGNATURE_BAD`` or ``RECORD_UNREADABLE``, ``NOT_THIS_NODE``, ``PROPOSAL_BAD``.
    """
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('hutong.proposals.' || :node, 0))"),
        {"node": caller.node.node_id},
    )
    earlier = predecessors(session, caller.node.org_code)
    taken = 0
    for statement in statements:
        proposal = statement.open("proposal/1", Proposal, caller.signer.key_of)
        if proposal.node_id != caller.node.node_id:
            raise DirectoryError("NOT_THIS_NODE", caller=caller.node.node_id, node_id=proposal.node_id)
        _require_sound(caller, proposal, earlier)
        taken += _keep(session, statement, proposal, caller.node.org_code, now)
    if taken:
        record(session, caller.node.node_id, "proposal:take", caller.node.node_id, at=now, details={"count": taken})
    return taken


def _require_sound(caller: Caller, proposal: Proposal, earlier_codes: AbstractSet[str]) -> None:
    """A node enrolled before its department was merged or split still signs under the code it was enrolled for."""
    if proposal.org_code != caller.node.org_code and proposal.org_code not in earlier_codes:
        raise DirectoryError(
            "PROPOSAL_BAD", reason="部门代码不是本节点的", reason_en="the department's code is not this node's"
        )
    mounts = [(mount.node, mount.kind, mount.schema_name, mount.table) for mount in proposal.draft.mounts]
    if mounts != [(proposal.node_id, "table", proposal.schema_name, proposal.table)]:
        raise DirectoryError(
            "PROPOSAL_BAD", reason="草稿的挂接不是这张表", reason_en="the draft is mounted on another table"
        )
    if proposal.draft.sharing.share_type is not None or proposal.draft.assessments:
        raise DirectoryError(
            "PROPOSAL_BAD",
            reason="共享类型和评估只能由人填写",
            reason_en="share type and assessments are for a person to fill in",
        )


def _keep(session: Session, statement: Signed, proposal: Proposal, org_code: str, now: datetime) -> bool:
    of_table = (
        ProposalRow.node_id == proposal.node_id,
        ProposalRow.schema_name == proposal.schema_name,
        ProposalRow.table_name == proposal.table,
    )
    rows = session.scalars(select(ProposalRow).where(*of_table)).all()
    same = next((row for row in rows if row.profile_digest == proposal.profile_digest), None)
    if same is not None and same.status != "superseded":
        return False
    if any(row.status == "declined" and row.structure_digest == proposal.structure_digest for row in rows):
        return False
    session.execute(update(ProposalRow).where(*of_table, ProposalRow.status == "waiting").values(status="superseded"))
    if same is not None:  # the table looks again as it did before
        same.status = "waiting"
        return True
    session.add(
        ProposalRow(
            node_id=proposal.node_id,
            org_code=org_code,
            schema_name=proposal.schema_name,
            table_name=proposal.table,
            profile_digest=proposal.profile_digest,
            structure_digest=proposal.structure_digest,
            body=statement.to_bytes(),
            status="waiting",
            received_at=now,
        )
    )
    session.flush()
    return True
