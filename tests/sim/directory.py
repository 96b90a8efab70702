"""A directory in memory behind the real HTTP seam: enrolment, signed feed, countersignatures, reports."""

import hashlib
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from metadata.access import Countersignature, Countersigned, Grant, GrantChange
from metadata.audit import AuditEntry
from metadata.enrolment import Enrolment
from metadata.exchange import RECEIPT, BatchStatus, OpenReceipt, Receipt, ReceiptContents
from metadata.feed import (
    EMPTY_CHAIN,
    EntryKind,
    FeedEntry,
    FeedHead,
    FeedPage,
    NodeRecord,
    address_of,
    extend_chain,
    notice_of_grant,
    notice_of_order,
)
from metadata.fidelity import FidelityCertificate
from metadata.keys import KeyChain, KeyChange
from metadata.log_growth import LOG_GROWTH
from metadata.orders import Argument, OrderResult, WorkOrder
from metadata.probe import Probe, ProbeTask, ProbeTaskPage
from metadata.proposal import Proposal
from metadata.reconciliation import Reconciliation
from metadata.signed import Signed
from standards.crypto import SigningKey, VerifyingKey, digest_hex
from standards.errors import ExplainedError
from standards.http_signature import verify_request
from tests.sim.log import SimLog

ORGANISATION = "11110000000000000X"


class SimDirectory:
    """Says what it is told to say. ``valid_seconds`` and ``is_down`` may be changed while it serves."""

    def __init__(self) -> None:
        self.key = SigningKey.generate()
        self.tokens: set[str] = set()
        self.nodes: dict[str, NodeRecord] = {}
        self.chains: dict[str, KeyChain] = {}
        self.grants: dict[str, Grant] = {}
        self.entries: list[FeedEntry] = []
        self.wholes: dict[str, Signed] = {}
        self.receipts: list[Receipt] = []
        self.contents: list[ReceiptContents] = []
        self.statuses: dict[tuple[str, str, int], BatchStatus] = {}
        self.audit: dict[str, AuditEntry] = {}
        self.log = SimLog()
        self.tasks: list[ProbeTask] = []
        self.probes: list[Probe] = []
        self.proposals: list[Proposal] = []
        self.reconciliations: list[Reconciliation] = []
        self.certificates: list[FidelityCertificate] = []
        self.order_results: dict[str, OrderResult] = {}
        self.valid_seconds = 60.0
        self.is_down = False
        self.loses_answers = False
        self.refused_routes: set[str] = set()
        self.app = self._make_app()

    def token(self) -> str:
        made = secrets.token_urlsafe(16)
        self.tokens.add(made)
        return made

    def say(self, kind: EntryKind, body: Signed, whole: Signed | None = None) -> None:
        """Append an entry; ``whole`` is the record that it names."""
        if whole is not None:
            self.wholes[digest_hex(whole.payload_bytes())] = whole
        self.entries.append(FeedEntry(seq=len(self.entries) + 1, kind=kind, body=body))

    def issue(self, grant: Grant) -> None:
        self.grants[grant.grant_id] = grant
        whole = Signed.sign("grant/1", grant, self.key)
        self.say("grant", notice_of_grant(whole, grant, self.key), whole)

    def change(self, grant_id: str, to: str) -> None:
        change = GrantChange.model_validate({"grant_id": grant_id, "to": to, "at": datetime.now(UTC)})
        self.say("grant_change", Signed.sign("grant_change/1", change, self.key))

    def order(self, node_id: str, action: str, *, expires_in: float = 3600.0, **arguments: Argument) -> str:
        """A signed work order in the feed; its id."""
        now, order_id = datetime.now(UTC), f"o-{secrets.token_hex(16)}"
        order = WorkOrder(
            order_id=order_id,
            node_id=node_id,
            action=action,
            arguments=arguments,
            issued_by="信息办",
            issued_at=now,
            expires_at=now + timedelta(seconds=expires_in),
        )
        whole = Signed.sign("work_order/1", order, self.key)
        self.say("work_order", notice_of_order(whole, order, self.key), whole)
        return order_id

    def revoke(self, node_id: str, at: datetime | None = None) -> None:
        self.nodes[node_id] = self.nodes[node_id].model_copy(
            update={"is_revoked": True, "revoked_at": at or datetime.now(UTC)}
        )
        self.say("node", Signed.sign("node/1", self.nodes[node_id], self.key))

    def head(self) -> Signed:
        chain = EMPTY_CHAIN
        for entry in self.entries:
            chain = extend_chain(chain, entry)
        now = datetime.now(UTC)
        head = FeedHead(
            size=len(self.entries),
            digest=chain.hex(),
            issued_at=now,
            valid_until=now + timedelta(seconds=self.valid_seconds),
        )
        return Signed.sign("feed_head/1", head, self.key)

    def _keys_of(self, node_id: str) -> tuple[VerifyingKey, ...]:
        node = self.nodes.get(node_id)
        if node is None or node.is_revoked:
            return ()
        found = self.chains.get(node_id, KeyChain.of(node)).in_force("identity", 1, datetime.now(UTC))
        return tuple(VerifyingKey(bytes.fromhex(key.public)) for key in found)

    async def _caller(self, request: Request) -> tuple[str, bytes]:
        if self.is_down:
            raise HTTPException(503)
        body = await request.body()
        target = request.scope["raw_path"].decode()
        if request.scope["query_string"]:
            target += "?" + request.scope["query_string"].decode()
        digest = hashlib.sha256(body).digest() if body else None
        now = datetime.now(UTC)
        return verify_request(request.method, target, request.headers, digest, self._keys_of, now).node_id, body

    def _require_known(self, records: list[Receipt] | list[BatchStatus]) -> None:
        """All or none, as the real one."""
        if any(record.route_id in self.refused_routes for record in records):
            raise HTTPException(404)

    def _make_app(self) -> FastAPI:
        app = FastAPI()

        @app.exception_handler(ExplainedError)
        def refuse(_: Request, error: ExplainedError) -> JSONResponse:
            return JSONResponse(error.problem(), error.status)

        @app.get("/healthz")
        def healthz() -> dict[str, str]:
            return {"status": "ok"}

        @app.get("/api/v1/directory-key")
        def key() -> dict[str, str]:
            return {"public": self.key.verifying.public.hex(), "fingerprint": self.key.key_id}

        @app.post("/api/v1/nodes", status_code=201)
        async def enrol(request: Request) -> dict[str, Any]:
            given = json.loads(await request.body())
            if given["token"] not in self.tokens:
                raise HTTPException(401)
            signed = Signed.model_validate(given["node"])
            claimed = Enrolment.from_bytes(signed.payload_bytes())
            own = VerifyingKey(bytes.fromhex(claimed.identity_public))
            asked = signed.open("enrolment/1", Enrolment, {own.key_id: own}.get)
            node = NodeRecord(
                node_id=asked.name,
                name=asked.name,
                kind=asked.kind,
                org_code=ORGANISATION,
                org_name="示例市某局",
                identity_public=asked.identity_public,
                decryption_public=asked.decryption_public,
                sm2_identity_public=asked.sm2_identity_public,
                sm2_decryption_public=asked.sm2_decryption_public,
            )
            record = Signed.sign("node/1", node, self.key)
            if asked.name not in self.nodes:
                self.say("node", record)
            self.nodes[asked.name] = node
            self.chains.setdefault(asked.name, KeyChain.of(node))
            return {
                "node_id": node.node_id,
                "directory_public": self.key.verifying.public.hex(),
                "record": record.model_dump(mode="json"),
            }

        @app.post("/api/v1/nodes/{node_id}/keys", status_code=201)
        async def keys(node_id: str, request: Request) -> dict[str, str]:
            caller, body = await self._caller(request)
            assert caller == node_id
            statement, chain = Signed.from_bytes(body), self.chains[node_id]
            said = KeyChange.from_bytes(statement.payload_bytes())
            if said.key_id not in {key.key_id for key in chain.keys}:
                self.chains[node_id] = chain.extend(statement)
                self.say("key_change", statement)
            if self.loses_answers:
                raise HTTPException(503)
            return {"key_id": said.key_id}

        @app.get("/api/v1/feed")
        async def feed(request: Request, after: int) -> Response:
            caller, _ = await self._caller(request)
            entries = tuple(self.entries[after : after + 500])
            named = [address for each in entries if (address := address_of(each)) and caller in address.node_ids]
            addressed = tuple(self.wholes[each.digest] for each in named if each.digest in self.wholes)
            page = FeedPage(head=self.head(), entries=entries, addressed=addressed)
            return Response(page.to_bytes(), media_type="application/json")

        @app.post("/api/v1/grants/{grant_id}/countersignature")
        async def countersign(grant_id: str, request: Request) -> dict[str, str]:
            _, body = await self._caller(request)
            told = Countersigned.from_bytes(body)
            signed = told.countersignature
            assert Countersignature.from_bytes(signed.payload_bytes()).grant_id == grant_id
            assert told.confirmed_by
            self.say("countersignature", signed)
            return {}

        @app.post("/api/v1/nodes/{node_id}/receipts")
        async def receipts(node_id: str, request: Request) -> JSONResponse:
            _, body = await self._caller(request)
            told = [OpenReceipt.model_validate(item) for item in json.loads(body)]
            self._require_known([Receipt.from_bytes(each.receipt.payload_bytes()) for each in told])
            for each in told:
                said = Receipt.from_bytes(each.receipt.payload_bytes())
                keys = {key.key_id: key.verifying for key in self.chains[said.by_node_id].keys}
                assert each.receipt.open(RECEIPT, Receipt, keys.get).says(each.contents)
                self.receipts.append(said)
                if each.contents is not None:
                    self.contents.append(each.contents)
            return JSONResponse({"accepted": 0})

        @app.post("/api/v1/nodes/{node_id}/status")
        async def status(node_id: str, request: Request) -> JSONResponse:
            _, body = await self._caller(request)
            self._require_known([BatchStatus.model_validate(item) for item in json.loads(body)])
            for item in json.loads(body):
                said = BatchStatus.model_validate(item)
                assert said.node_id == node_id
                self.statuses[node_id, said.route_id, said.seq] = said
            return JSONResponse({"accepted": 0})

        @app.post("/api/v1/nodes/{node_id}/audit")
        async def audit(node_id: str, request: Request) -> JSONResponse:
            _, body = await self._caller(request)
            for item in json.loads(body):
                entry = AuditEntry.model_validate(item)
                if entry.event_id not in self.audit:
                    self.audit[entry.event_id] = entry
                    self.log.entries.append(entry.to_bytes())
            return JSONResponse({"accepted": 0})

        @app.get("/api/v1/audit/growth")
        async def growth(request: Request, after: int | None = None) -> Response:
            await self._caller(request)
            signed = Signed.sign(LOG_GROWTH, self.log.growth(after), self.key)
            return Response(signed.to_bytes(), media_type="application/json")

        @app.get("/api/v1/nodes/{node_id}/mounts")
        async def mounts(node_id: str, request: Request, after: UUID | None = None) -> Response:
            await self._caller(request)
            own = [task for task in self.tasks if after is None or task.resource_id > after]
            page = ProbeTaskPage(tasks=tuple(own[:2]), next=own[1].resource_id if len(own) > 2 else None)
            return Response(page.to_bytes(), media_type="application/json")

        @app.post("/api/v1/nodes/{node_id}/probes")
        async def probes(node_id: str, request: Request) -> JSONResponse:
            _, body = await self._caller(request)
            new = [each for item in json.loads(body) if (each := Probe.model_validate(item)) not in self.probes]
            assert all(each.node_id == node_id for each in new)
            self.probes += new
            return JSONResponse({"accepted": len(new)})

        @app.post("/api/v1/nodes/{node_id}/reconciliations")
        async def reconciliations(node_id: str, request: Request) -> JSONResponse:
            _, body = await self._caller(request)
            said = [Reconciliation.from_bytes(Signed.model_validate(i).payload_bytes()) for i in json.loads(body)]
            new = [each for each in said if each not in self.reconciliations]
            assert all(node_id in (each.provider_node_id, each.consumer_node_id) for each in new)
            self.reconciliations += new
            return JSONResponse({"accepted": len(new)})

        @app.post("/api/v1/nodes/{node_id}/certificates")
        async def certificates(node_id: str, request: Request) -> JSONResponse:
            _, body = await self._caller(request)
            keys = {key.key_id: key.verifying for key in self.chains[node_id].keys}
            said = [
                Signed.model_validate(i).open("fidelity/1", FidelityCertificate, keys.get) for i in json.loads(body)
            ]
            new = [each for each in said if each not in self.certificates]
            self.certificates += new
            return JSONResponse({"accepted": len(new)})

        @app.post("/api/v1/nodes/{node_id}/proposals")
        async def proposals(node_id: str, request: Request) -> JSONResponse:
            _, body = await self._caller(request)
            key = VerifyingKey(bytes.fromhex(self.nodes[node_id].identity_public))
            opened = [
                Signed.model_validate(item).open("proposal/1", Proposal, {key.key_id: key}.get)
                for item in json.loads(body)
            ]
            new = [each for each in opened if each not in self.proposals]
            self.proposals += new
            return JSONResponse({"accepted": len(new)})

        @app.post("/api/v1/nodes/{node_id}/order-results")
        async def order_results(node_id: str, request: Request) -> JSONResponse:
            _, body = await self._caller(request)
            keys = {key.key_id: key.verifying for key in self.chains[node_id].keys if key.purpose == "identity"}
            for item in json.loads(body):
                said = Signed.model_validate(item).open("order_result/1", OrderResult, keys.get)
                assert said.node_id == node_id
                assert self.order_results.setdefault(said.order_id, said) == said
            return JSONResponse({"accepted": 0})

        return app
