"""What a node or the relay says to the directory and asks of it."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import Field

from exchange.errors import ExchangeError
from exchange.keys.keystore import KeyStore
from exchange.peers.outbound import Caller, Outbound
from metadata.access import Countersigned
from metadata.audit import AuditEntry
from metadata.enrolment import Enrolment
from metadata.errors import MetadataError
from metadata.exchange import BatchStatus, OpenReceipt
from metadata.feed import FeedPage, NodeRecord
from metadata.probe import Probe, ProbeTaskPage
from metadata.record import Record, canonical_bytes
from metadata.signed import Signed
from standards.crypto import SigningKey, VerifyingKey, digest_hex


class DirectoryKey(Record):
    """The answer to ``GET /api/v1/directory-key``: raw public key in hex and its fingerprint."""

    public: str = Field(pattern=r"^[0-9a-f]{64}$")
    fingerprint: str


class Enrolled(Record):
    """The answer to an enrolment: the node's id, the directory's key, the node's record as it stands in the feed."""

    node_id: str
    directory_public: str
    record: Signed


class Accepted(Record):
    """How many of what was sent the directory took."""

    accepted: int


class DirectoryClient:
    """Signed calls, except for the two that come before a node is known."""

    def __init__(self, url: str, caller: Caller | None) -> None:
        self._http = Outbound("directory", url, caller)
        self._node_id = "" if caller is None else caller.node_id

    def close(self) -> None:
        self._http.close()

    def key(self, fingerprint: str) -> VerifyingKey:
        """The directory's key, if it has the fingerprint that was told by other means. Raises
        ``DIRECTORY_KEY_OTHER``.
        """
        answer = self._http.parse(DirectoryKey, self._http.call("GET", "/api/v1/directory-key"))
        key = VerifyingKey(bytes.fromhex(answer.public))
        if key.key_id != fingerprint:
            raise ExchangeError("DIRECTORY_KEY_OTHER", found=key.key_id, expected=fingerprint)
        return key

    def enrol(self, key: SigningKey, token: str, statement: Enrolment, directory: VerifyingKey) -> NodeRecord:
        """Use up the token; the node's record, verified under the directory's key. Raises ``ENROLMENT_BAD``."""
        signed = Signed.sign("enrolment/1", statement, key)
        body = canonical_bytes({"token": token, "node": signed.model_dump(mode="json")})
        answer = self._http.parse(Enrolled, self._http.call("POST", "/api/v1/nodes", body))
        try:
            record = answer.record.open("node/1", NodeRecord, {directory.key_id: directory}.get)
        except MetadataError as error:
            raise ExchangeError("ENROLMENT_BAD", reason=error.en) from None
        if not record.model_dump().items() >= _keys_of(statement).items():
            raise ExchangeError("ENROLMENT_BAD", reason="the record names other keys")
        return record

    def feed(self, after: int) -> FeedPage:
        """The entries after a number, at most 500, and the head."""
        return self._http.parse(FeedPage, self._http.call("GET", "/api/v1/feed", query={"after": after}))

    def log_growth(self, after: int | None) -> Signed:
        """What the audit log has become since it had so many entries, as ``log_growth/1``; not verified."""
        query = {} if after is None else {"after": after}
        return self._http.parse(Signed, self._http.call("GET", "/api/v1/audit/growth", query=query))

    def change_key(self, statement: Signed) -> None:
        """Hand in a change of this node's keys, signed as ``key_change/1``; the same key again does no harm."""
        self._http.call("POST", f"/api/v1/nodes/{self._node_id}/keys", statement.to_bytes())

    def countersign(self, grant_id: str, said: Countersigned) -> None:
        self._http.call("POST", f"/api/v1/grants/{grant_id}/countersignature", said.to_bytes())

    def send_receipts(self, receipts: Sequence[OpenReceipt]) -> None:
        self._post("receipts", receipts)

    def send_status(self, statuses: Sequence[BatchStatus]) -> None:
        self._post("status", statuses)

    def send_audit(self, entries: Sequence[AuditEntry]) -> None:
        """At most ``LIMITS.audit_page`` entries; sending one again does no harm."""
        self._post("audit", entries)

    def send_proposals(self, proposals: Sequence[Signed]) -> int:
        """How many were new; ``proposal/1`` signed by this node."""
        return self._http.parse(Accepted, self._post("proposals", proposals)).accepted

    def probe_tasks(self, after: UUID | None = None) -> ProbeTaskPage:
        """The mounts that lie with this node, a page at a time."""
        query = {} if after is None else {"after": str(after)}
        answer = self._http.call("GET", f"/api/v1/nodes/{self._node_id}/mounts", query=query)
        return self._http.parse(ProbeTaskPage, answer)

    def send_order_results(self, results: Sequence[Signed]) -> None:
        """``order_result/1`` signed by this node; sending one again does no harm."""
        self._post("order-results", results)

    def send_reconciliations(self, results: Sequence[Signed]) -> int:
        """How many were new; ``reconciliation/1`` signed by both ends."""
        return self._http.parse(Accepted, self._post("reconciliations", results)).accepted

    def send_certificates(self, certificates: Sequence[Signed]) -> int:
        """How many were new; ``fidelity/1`` signed by this node, the routes' provider."""
        return self._http.parse(Accepted, self._post("certificates", certificates)).accepted

    def send_probes(self, probes: Sequence[Probe]) -> int:
        """How many were new."""
        return self._http.parse(Accepted, self._post("probes", probes)).accepted

    def _post(self, what: str, records: Sequence[Record]) -> bytes:
        body = canonical_bytes([record.model_dump(mode="json") for record in records])
        return self._http.call("POST", f"/api/v1/nodes/{self._node_id}/{what}", body)


def _keys_of(statement: Enrolment) -> dict[str, str]:
    return statement.model_dump(exclude={"kind", "token_digest"})


def statement_of(name: str, kind: str, keys: KeyStore, token: str) -> Enrolment:
    """What a new party says of itself, bound to its token."""
    return Enrolment.model_validate(
        {
            "name": name,
            "kind": kind,
            "identity_public": keys.public("identity", 1),
            "decryption_public": keys.public("decryption", 1),
            "sm2_identity_public": keys.public("identity", 2),
            "sm2_decryption_public": keys.public("decryption", 2),
            "token_digest": digest_hex(token.encode()),
        }
    )
