"""``hutong exchange fidelity`` and ``hutong node carriage``: what arrived value for value, and what never could."""

from typing import Annotated

import typer

from exchange import fidelity as certificates
from exchange.errors import ExchangeError
from exchange.keys.trust import CIVIL_TIME
from exchange.provider import carriage as looking
from hutong.console import complain, emit, say, tell
from hutong.local_nodes import open_node, open_nodes
from hutong.node_choice import EachNode, NodeName
from metadata.access import Grant
from metadata.fidelity import CARRIED, FidelityCertificate

AsJson = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")]


def fidelity(
    route: Annotated[str, typer.Argument(metavar="路由", help="路由编号；缺省为本机节点提供的全部路由。")] = "",
    node: EachNode = "",
    as_json: AsJson = False,
) -> None:
    """保真证书：资源的每一版，哪些列逐值无误地到达，凭哪一次双方签字的对账。在提供部门的节点上。"""
    found: list[FidelityCertificate] = []
    wanting: list[Grant] = []
    stale: ExchangeError | None = None
    with open_nodes(node) as opened:
        for each in opened:
            found += certificates.kept(each, route)
            try:
                wanting += certificates.wanting(each, route)
            except ExchangeError as error:  # what is certified stays so; what is missing nobody can say now
                if error.code != "TRUST_STALE":
                    raise
                stale = error
    if stale is not None:
        tell(f"哪些路由还缺证书，现在看不出：{stale.zh}")
    if as_json:
        waiting = [{"route_id": grant.route_id, "resource_version": grant.resource_version} for grant in wanting]
        emit({"certificates": [each.model_dump(mode="json") for each in found], "wanting": waiting})
        return
    for certificate in found:
        _show(certificate)
    for grant in wanting:
        say(f"{grant.route_id}\t第 {grant.resource_version} 版\t尚无证书：还没有一次两端一致的非空对账")
    if not found and not wanting and stale is None:
        say("没有证书，也没有在等证书的路由；证书在提供部门的节点上")


def carriage(
    table: Annotated[str, typer.Argument(metavar="表", help="表或视图：模式.表；不写模式即 public。")],
    node: NodeName = "",
    as_json: AsJson = False,
) -> None:
    """授权之前看一张表：每一列能否逐值无误地送达，不能的写明原因和办法；不读数据；有不能送的以非零退出。"""
    schema, _, name = table.rpartition(".")
    with open_node(node) as opened:
        found = looking.examine(opened.settings.department_url, schema or "public", name)
    refused = [column for column in found.columns if column.reason]
    if as_json:
        trouble = None if found.trouble is None else found.trouble.problem()
        emit({"columns": [vars(column) for column in found.columns], "trouble": trouble})
    else:
        for column in found.columns:
            how = column.reason or CARRIED["binary" if column.is_binary else "text"]
            say(f"{'✗' if column.reason else '✓'} {column.name}\t{column.sql_type}\t{how}")
        say(f"共 {len(found.columns)} 列，不能送 {len(refused)} 列；同批有一列走文本，则各列都走文本")
    if found.trouble is not None:
        complain(found.trouble)
    if refused or found.trouble is not None:
        raise typer.Exit(1)


def _show(certificate: FidelityCertificate) -> None:
    at = certificate.compared_at.astimezone(CIVIL_TIME).strftime("%Y-%m-%d %H:%M")
    say(f"{certificate.route_id}\t{certificate.resource_identifier} 第 {certificate.resource_version} 版")
    say(f"  第 {certificate.seq} 批后，{at}，{certificate.rows} 行两端逐值一致；双方节点均已签字，签名成立")
    for column in certificate.columns:
        say(f"  ✓ {column.column} → {column.field}\t{column.sql_type}\t{CARRIED[column.carried]}")
