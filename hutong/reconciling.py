"""``hutong exchange reconcile``, ``differences``, ``sheet``: 三方对账 and its sheet."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from exchange.errors import ExchangeError
from exchange.node import Node
from exchange.reconcile import differences as lists
from exchange.reconcile import provider, sessions
from exchange.reconcile.sheet import fingerprints, make, render
from exchange.reconcile.sheet import verify as verify_sheet
from exchange.reconcile.turn import at_rest, settle
from hutong.console import complain, emit, say
from hutong.local_nodes import open_node, open_nodes
from hutong.misuse import Unfit
from hutong.node_choice import EachNode, NodeName
from metadata.reconciliation import Reconciliation, sentence

AsJson = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")]
_KNOWS = {"closed": 0, "agreed": 1}  # signed by both ends; by this one, which does not know that the other has it
_WORDS = {"missing": "目标缺少", "extra": "目标多出", "different": "内容不同", "pending": "源端变更待送"}


def reconcile(
    route: Annotated[str, typer.Argument(metavar="路由", help="路由编号；缺省为本机节点提供的全部路由。")] = "",
    node: EachNode = "",
    as_json: AsJson = False,
) -> None:
    """三方对账：提供、需求两端逐行核对，再与中继的批次清单核对；有差异时以非零退出。"""
    troubles: list[ExchangeError] = []
    found = []
    with open_nodes(node) as opened:
        asked = {route} if route else set()
        for each in opened:
            mine = {batch.route_id for batch in at_rest(each, datetime.now(UTC))}
            for route_id in sorted(mine & asked if route else mine):
                asked.add(route_id)
                try:
                    provider.begin(each, route_id)
                except ExchangeError as error:
                    troubles.append(error)
        for route_id in sorted(asked):
            try:
                settle(opened, route_id)
            except ExchangeError as error:
                troubles.append(error)
            found.append(_state(opened, route_id))
    if as_json:
        emit({"reconciliations": found, "troubles": [trouble.problem() for trouble in troubles]})
    for item in found:
        if not as_json:
            say(f"{item['route_id']}\t{item['state']}\t{item['text']}")
    for trouble in troubles:
        complain(trouble)
    if troubles or any(item["is_alarming"] for item in found):
        raise typer.Exit(1)


def differences(
    route: Annotated[str, typer.Argument(metavar="路由", help="路由编号。")],
    node: NodeName = "",
    as_json: AsJson = False,
) -> None:
    """列出最近一次对账中不同的行的主键。只在本部门的节点上，只在本机显示。"""
    with open_node(node) as opened:
        rows = lists.listed(opened, route)
    if as_json:
        emit({"rows": [vars(row) for row in rows]})
        return
    for row in rows:
        key = "本端没有这一行" if row.row_key is None else json.dumps(row.row_key, ensure_ascii=False, default=str)
        say(f"{_WORDS[row.kind]}\t{row.rows}\t{key}")
    say(f"不同 {sum(row.rows for row in rows)} 行")


def sheet(
    route: Annotated[str, typer.Argument(metavar="路由", help="路由编号。")] = "",
    out: Annotated[Path | None, typer.Option(help="写到这个 HTML 文件。")] = None,
    verify: Annotated[Path | None, typer.Option(help="核验一份对账单，不需要节点，也不联网。")] = None,
    node: NodeName = "",
) -> None:
    """对账单：生成一份可打印、附签名的 HTML；或核验一份。"""
    if verify is not None:
        evidence, proved = verify_sheet(verify.read_text(encoding="utf-8"))
        say(f"成立：{proved.grant.resource_title}，第 {proved.result.seq} 批。{sentence(proved.result)}")
        for role, node_id, fingerprint in fingerprints(evidence):
            say(f"{role}\t{node_id}\t{fingerprint}")
        say("请以其他渠道核对上列指纹。")
        return
    if out is None or not route:
        raise Unfit("要么给出路由编号与 --out，要么给出 --verify", "either a route and --out, or --verify")
    with open_node(node) as opened:
        page = render(make(opened, route))
    out.write_text(page, encoding="utf-8")
    say(f"已写出 {out}")


def _state(opened: list[Node], route_id: str) -> dict[str, object]:
    """What the newest session of a route has come to, at whichever of these nodes knows it best."""
    found = []
    for node in opened:
        with node.engine.connect() as connection:
            found.append(sessions.newest(connection, route_id))
    known = sorted(
        (session for session in found if session is not None), key=lambda session: _KNOWS.get(session.state, 2)
    )
    if not known:
        return {"route_id": route_id, "state": "-", "text": "本机没有这条路由的对账", "is_alarming": False}
    best = known[0]
    signed = best.signed() if best.state in _KNOWS else None
    if signed is not None:
        result = Reconciliation.from_bytes(signed.payload_bytes())
        text, is_alarming = sentence(result), result.is_alarming
        return result.model_dump(mode="json") | {"state": best.state, "text": text, "is_alarming": is_alarming}
    is_over = best.state == "abandoned" and best.code != "RECONCILE_OVERTAKEN"
    text = f"{best.code} {ExchangeError.explanations[best.code].zh}" if best.code else "等对方应答，下一轮继续"
    return {"route_id": route_id, "state": best.state, "text": text, "is_alarming": is_over}
