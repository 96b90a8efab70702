"""Invariants of received files: what is shown is what the mark says (I2), and nothing is left over (I8). Reads only."""

from collections.abc import Iterator

from exchange import department, ledger
from exchange.errors import ExchangeError
from exchange.node import Node
from standards.crypto import digest_hex
from standards.findings import Finding


def findings(node: Node) -> Iterator[Finding]:
    """Reads every received file once."""
    with node.engine.connect() as connection:
        batches = {(batch.route_id, batch.seq): batch for batch in ledger.batches(connection)}
    with (
        department.connect(node.settings.department_url, "target", "hutong.received_folder") as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT route_id, target, seq, index_digest FROM hutong.received_folder ORDER BY route_id")
        marks = {route_id: (target, seq, digest) for route_id, target, seq, digest in cursor.fetchall()}
    for route_id, (target, seq, digest) in marks.items():
        batch = batches.get((route_id, seq))
        is_being_shown = batch is not None and "checked" in (batch.state, batch.held_from)
        if not is_being_shown and (wrong := _wrong(node, route_id, target, seq, digest)):
            zh = f"可见的文件不是登记的这一版：{wrong}"
            yield _finding("I2", f"{route_id}/{seq}", zh, "what is shown is not what is marked")
    for route_id, seq, path in node.received.versions():
        shown = marks.get(route_id, ("", 0, ""))[1]
        batch, newest = batches.get((route_id, seq)), batches.get((route_id, shown))
        is_under_way = batch is not None and bool({batch.state, batch.held_from} & {"verified", "staged", "checked"})
        is_before = seq < shown and newest is not None and newest.state != "closed"
        if not (is_under_way or is_before or (seq == shown and "." not in path.name)):
            zh = "收到的文件夹里有无主的旧版或半成品"
            yield _finding("I8", f"{route_id}/{seq}", zh, "no batch under way owns it")


def _wrong(node: Node, route_id: str, target: str, seq: int, digest: str) -> str:
    """What is wrong with a route's visible files, in Chinese; empty when nothing is."""
    version = node.received.version(route_id, seq)
    try:
        if node.received.shown(target) != version.path.name:
            return "名称指向另一版，或不在了"
        if digest_hex(version.index_bytes()) != digest:
            return "索引与登记的摘要不符"
        version.require_whole()
    except ExchangeError as error:
        return error.zh
    return ""


def _finding(rule: str, path: str, zh: str, en: str) -> Finding:
    return Finding(path=path, rule=f"fsck.{rule}", severity="error", zh=zh, en=en)
