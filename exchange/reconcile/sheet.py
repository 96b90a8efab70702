"""The reconciliation sheet (对账单): a page that prints on A4, made from signed records only, which it carries."""

import contextlib
from collections.abc import Iterable
from datetime import datetime
from importlib import resources

from jinja2 import Environment, StrictUndefined
from sqlalchemy import select

from exchange.errors import ExchangeError
from exchange.keys.trust import CIVIL_TIME, TrustSet
from exchange.ledger import Batch
from exchange.node import Node
from exchange.receipts import as_kept
from exchange.reconcile import sessions
from exchange.reconcile.chain import delivered
from exchange.reconcile.evidence import Evidence, PartyKey, Proved, prove
from exchange.store import FEED_ENTRY, RECEIPT
from metadata.errors import MetadataError
from metadata.exchange import RECEIPT as SIGNED_AS
from metadata.exchange import OpenReceipt
from metadata.feed import FeedEntry
from metadata.reconciliation import OUTCOMES, Reconciliation, sentence
from metadata.signed import Signed

SHEET_BATCHES = 31
"""How many batches a sheet lists, the newest; a month of daily ones."""
_OPENS, _CLOSES = '<script type="application/json" id="evidence">', "</script>"
_MARK = "<!--evidence-->"
_RECEIPTS = {"stored": "中继收存", "verified": "验签", "checked": "质检", "applied": "装入"}
_ROLES = {"provider": "提供部门节点", "consumer": "需求部门节点", "relay": "中继", "directory": "目录"}


def make(node: Node, route_id: str) -> Evidence:
    """The evidence for the newest result of a route that both ends have signed. Raises ``SHEET_NONE``."""
    with node.engine.connect() as connection:
        session = sessions.newest(connection, route_id, only_results=True)
        batches = [] if session is None else delivered(connection, route_id, session.seq)[-SHEET_BATCHES:]
        kept = connection.execute(
            select(RECEIPT)
            .where(RECEIPT.c.route_id == route_id, RECEIPT.c.seq.in_([batch.seq for batch in batches]))
            .where(RECEIPT.c.kind.in_(_RECEIPTS))
            .order_by(RECEIPT.c.seq, RECEIPT.c.kind)
        ).all()
        told = connection.execute(select(FEED_ENTRY).order_by(FEED_ENTRY.c.seq)).all()
    result = None if session is None else session.signed()
    if session is None or result is None:
        raise ExchangeError("SHEET_NONE", route_id=route_id)
    receipts = [item for row in kept if (item := as_kept(bytes(row.body), row.contents)).receipt.kind == SIGNED_AS]
    if not any(item.contents is None for item in receipts):
        receipts += _stored_at_relay(node, route_id, batches)
    manifests = [Signed.from_bytes(batch.manifest) for batch in batches]
    named = f'"grant_id":"{session.grant_id}"'.encode()
    wholes = [Signed.from_bytes(bytes(row.whole)) for row in told if row.whole is not None]
    wholes += [FeedEntry.from_bytes(bytes(row.body)).body for row in told]
    grant = next(signed for signed in wholes if signed.kind == "grant/1" and named in signed.payload_bytes())
    said = Reconciliation.from_bytes(result.payload_bytes())
    return Evidence(
        result=result,
        grant=grant,
        manifests=tuple(manifests),
        receipts=tuple(receipts),
        keys=_party_keys(node.trust(), said, [result, *manifests, *(item.receipt for item in receipts)]),
        made_by=node.node_id,
        made_at=node.now(),
    )


def render(evidence: Evidence) -> str:
    """The page. Everything on it comes from records that ``prove`` has verified; the same evidence, the same page."""
    proved = prove(evidence)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["civil"] = _civil
    environment.filters["thousands"] = lambda number: f"{number:,}"
    template = environment.from_string(
        resources.files("exchange.reconcile").joinpath("sheet.html").read_text(encoding="utf-8")
    )
    carried = evidence.to_bytes().decode("utf-8").replace("<", "\\u003c")
    page = template.render(
        result=proved.result,
        grant=proved.grant,
        batches=proved.batches,
        sentence=sentence(proved.result),
        outcome=OUTCOMES[proved.result.outcome],
        light="red" if proved.result.is_alarming else "amber" if proved.result.outcome == "partial" else "green",
        receipt_names=_RECEIPTS,
        stored=sum("stored" in batch.receipts for batch in proved.batches),
        keys=[(_ROLES[item.role], item.node_id, _fingerprint(item)) for item in evidence.keys],
        evidence=evidence,
    )
    return page.replace(_MARK, f"{_OPENS}{carried}{_CLOSES}")  # no escaped value can contain the mark


def verify(page: str) -> tuple[Evidence, Proved]:
    """The evidence in a page, every signature verified, and that the page says exactly what it says.

    Raises ``SHEET_BAD``.
    """
    parts = page.split(_OPENS)
    if len(parts) != 2 or _CLOSES not in parts[1]:
        raise ExchangeError(
            "SHEET_BAD",
            reason="不是对账单，或没有附带签名记录",
            reason_en="it is no reconciliation sheet, or carries no signed records",
        )
    try:
        evidence = Evidence.from_bytes(parts[1].split(_CLOSES)[0].encode("utf-8"))
    except MetadataError as error:
        raise ExchangeError("SHEET_BAD", reason=error.zh, reason_en=error.en) from None
    proved = prove(evidence)
    if render(evidence) != page:
        raise ExchangeError(
            "SHEET_BAD",
            reason="页面文字与所附签名记录不一致（被改动，或由另一版本生成）",
            reason_en="the page says other than the signed records in it (altered, or made by another version)",
        )
    return evidence, proved


def fingerprints(evidence: Evidence) -> list[tuple[str, str, str]]:
    """Role, node and fingerprint of every key that signed."""
    return [(_ROLES[item.role], item.node_id, _fingerprint(item)) for item in evidence.keys]


def _stored_at_relay(node: Node, route_id: str, batches: list[Batch]) -> list[OpenReceipt]:
    """The relay's receipts, which it gives its sender to keep and others on asking; none when it is away."""
    wanted = {batch.seq: batch.digest for batch in batches}
    found: list[OpenReceipt] = []
    with contextlib.suppress(ExchangeError):
        listed = node.relay.batches(route_id, min(wanted) - 1)
        found = [OpenReceipt(receipt=item.stored) for item in listed if item.seq in wanted]
    return found


def _party_keys(trust: TrustSet, said: Reconciliation, signed: Iterable[Signed]) -> tuple[PartyKey, ...]:
    """Every key that has signed one of these, as the feed knows it, whether it counts today or has been replaced."""
    found = [PartyKey(role="directory", node_id="directory", public=trust.directory_key.public.hex())]
    for key_id in dict.fromkeys(signature.key_id for item in signed for signature in item.signatures):
        for role, node_id in (("provider", said.provider_node_id), ("consumer", said.consumer_node_id)):
            key = trust.witness(node_id, key_id, said.at) or trust.identity(node_id, key_id)
            if key is not None:
                found.append(PartyKey.model_validate({"role": role, "node_id": node_id, "public": key.public.hex()}))
        relay = trust.relay_key(key_id)
        if relay is not None:
            name = next(item.node_id for item in trust.nodes.values() if trust.identity(item.node_id, key_id))
            found.append(PartyKey(role="relay", node_id=name, public=relay.public.hex()))
    return tuple(found)


def _fingerprint(item: PartyKey) -> str:
    found = item.key.key_id
    return " ".join(found[start : start + 4] for start in range(0, len(found), 4))


def _civil(at: datetime) -> str:
    """As clocks in China show it."""
    return at.astimezone(CIVIL_TIME).strftime("%Y-%m-%d %H:%M")
