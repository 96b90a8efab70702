"""``hutong node``: a department's exchange node on this machine."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from exchange.agent import turn
from exchange.doctor.line import Line
from exchange.doctor.run import examine
from exchange.keys import countersign as signing
from exchange.keys import enrol
from exchange.keys.keystore import KeyStore
from exchange.migrate import migrate as upgrade
from exchange.node import SETTINGS_FILE
from exchange.probe.run import probe_all
from exchange.scan import run as scanning
from exchange.settings import NodeSettings, passphrase
from hutong import fidelity, node_changes, node_keys
from hutong.commands.exchange import describe_driven
from hutong.console import complain, emit, progress, say, tell
from hutong.errors import HutongError
from hutong.files import require_writable, write_bytes
from hutong.home import open_home
from hutong.local_nodes import nodes_folder, open_node, open_nodes
from hutong.node_choice import EachNode, NodeArgument, NodeName, chosen
from hutong.postgres import Cluster
from hutong.screens import wrapped
from metadata.formats import template
from metadata.keys import grouped
from metadata.proposal import Proposal
from metadata.record import canonical_bytes
from pipelines.checks.run import GreatExpectationsChecker

app = typer.Typer(help="本机的交换节点（前置节点）。")
app.add_typer(node_changes.app, name="changes", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")]


@app.command()
def init(
    name: Annotated[str, typer.Argument(metavar="名称", help="节点名：小写字母开头，只含小写字母、数字、下划线。")],
    directory: Annotated[str, typer.Option(help="目录服务地址。")],
    fingerprint: Annotated[str, typer.Option(help="目录公钥指纹，由信息办当面或另行告知。")],
    token: Annotated[str, typer.Option(help="信息办发的注册码，一次有效。", envvar="HUTONG_NODE_TOKEN")],
    relay: Annotated[str, typer.Option(help="中继地址。")],
    passphrase_file: Annotated[
        str, typer.Option(help="私钥口令所在文件（绝对路径，只有属主可读）；也可用环境变量 HUTONG_NODE_PASSPHRASE。")
    ] = "",
    database_url: Annotated[str, typer.Option(help="台账数据库；缺省用内嵌的。")] = "",
    department_url: Annotated[str, typer.Option(help="部门数据库；缺省用内嵌的。")] = "",
    as_json: AsJson = False,
) -> None:
    """登记一个节点：生成密钥（不离开本机），向目录注册，建好台账。中断后可用同一注册码再次运行。"""
    home = open_home()
    enrol.require_sound(name, directory, relay)
    node_home = nodes_folder(home) / name
    if database_url and department_url:
        made = enrol.init(
            node_home, name, directory, fingerprint, token, database_url, department_url, relay, passphrase_file
        )
    else:
        with Cluster(home).running() as cluster:
            made = enrol.init(
                node_home,
                name,
                directory,
                fingerprint,
                token,
                database_url or cluster.ensure_database(f"node_{name}"),
                department_url or cluster.ensure_database(f"dept_{name}"),
                relay,
                passphrase_file,
            )
    own = KeyStore.load(node_home / "keys", passphrase=passphrase(made.passphrase_file)).identity.key_id
    if as_json:
        told = {"node": made.name, "home": node_home, "org_code": made.org_code, "directory": made.directory_url}
        emit(told | {"fingerprint": own})
    else:
        say(f"节点 {made.name} 已登记（{made.org_code}），目录：{node_home}")
        say(f"身份密钥指纹：{grouped(own)}；请当面或用电话与信息办所见核对")


app.command()(node_keys.keys)
app.command()(node_keys.rotate)
app.command()(fidelity.carriage)


@app.command()
def run(
    name: NodeArgument = "",
    node: NodeName = "",
    once: Annotated[bool, typer.Option("--once", help="只做一轮。")] = False,
    every: Annotated[float, typer.Option(help="每轮间隔的秒数。", min=1, max=3600)] = 20.0,
    as_json: AsJson = False,
) -> None:
    """自行运转，不用 Airflow：同步、排批、收取、推进，直到 Ctrl-C。只向外发起连接。"""
    checker = GreatExpectationsChecker()
    with open_node(chosen(name, node)) as opened:
        while True:
            done = turn(opened, checker, datetime.now(UTC))
            for trouble in done.troubles:
                complain(trouble)
            for item in done.driven:
                tell(describe_driven(item))
            if once:
                break
            time.sleep(every)
    if as_json:
        driven = [vars(item.batch) | vars(item.outcome) for item in done.driven]
        emit({"driven": driven, "troubles": [trouble.problem() for trouble in done.troubles]})
    if done.troubles:
        raise typer.Exit(1)


@app.command("list")
def list_nodes(as_json: AsJson = False) -> None:
    """本机登记的节点。"""
    home = open_home()
    files = sorted(nodes_folder(home).glob(f"*/{SETTINGS_FILE}"))
    found = [NodeSettings.read(path) for path in files]
    if as_json:
        emit({"nodes": [{"node": node.name, "org_code": node.org_code, "relay": node.relay_url} for node in found]})
        return
    for node in found:
        say(f"{node.name}\t{node.org_code}\t{node.directory_url}\t{node.relay_url}")
    if not found:
        tell("本机还没有节点；用 hutong node init 登记")


@app.command()
def grants(name: NodeArgument = "", node: NodeName = "", as_json: AsJson = False) -> None:
    """等本节点会签的授权，及其摘要；请审批人逐条核对后会签。"""
    with open_node(chosen(name, node)) as opened:
        waiting = signing.pending(opened)
    if as_json:
        emit({"grants": [{"digest": item.digest, "grant": item.grant.model_dump(mode="json")} for item in waiting]})
        return
    if not waiting:
        say("没有等待会签的授权")
    for item in waiting:
        grant = item.grant
        say(f"授权 {grant.grant_id}：{grant.resource_title}（{grant.resource_identifier}）→ {grant.consumer.org_name}")
        if grant.kind != "table":
            say(f"  {'整个文件夹' if grant.kind == 'folder' else '这一个文件'}：{grant.path}")
        if grant.snapshot_group:
            others = len(grant.snapshot_group) - 1
            say(f"  表 {grant.schema_name}.{grant.table}：与另 {others} 张表取自同一时点，都会签了才开始提供")
        say(f"  信息项：{'、'.join(each.name for each in grant.items)}")
        say(f"  筛选：{grant.row_filter.model_dump_json() if grant.row_filter else '全部行'}")
        say(f"  用途：{grant.purpose}；依据：{grant.basis}；{grant.valid_from} 至 {grant.valid_until}")
        say(f"  摘要：{item.digest}")
        say(f"  核对无误后：hutong node countersign {grant.grant_id} --node {opened.node_id} \\")
        say(f"    --digest {item.digest} --by 审批人姓名")


@app.command()
def countersign(
    grant_id: Annotated[str, typer.Argument(metavar="授权编号", help="授权编号。")],
    digest: Annotated[str, typer.Option(help="审批人核对过的摘要，逐字给出。")],
    by: Annotated[str, typer.Option(help="确认的人。")],
    node: NodeName = "",
    as_json: AsJson = False,
) -> None:
    """会签一条授权；会签后授权才生效。"""
    with open_node(node) as opened:
        signing.countersign(opened, grant_id, digest, by)
    if as_json:
        emit({"grant_id": grant_id, "digest": digest, "confirmed_by": by})
    else:
        say(f"已会签 {grant_id}；下一轮执行时送出第一批")


@app.command()
def scan(
    name: NodeArgument = "",
    node: NodeName = "",
    schema: Annotated[list[str] | None, typer.Option("--schema", help="只扫描这些模式，可多次给出。")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="草稿写入此文件：.xlsx 工作簿，或 .json。")] = None,
    is_posted: Annotated[bool, typer.Option("--post", help="把草稿报给目录，由本部门编目员确认。")] = False,
    as_json: AsJson = False,
) -> None:
    """反向编目：只读扫描部门数据库，把每张表拟成目录草稿，写明每项推测的理由。不保留任何数据值。"""
    if out is not None:
        if out.suffix.lower() not in {".xlsx", ".json"}:
            raise HutongError("SCAN_FORMAT_UNKNOWN", name=out.name)
        require_writable(out)
    found: list[Proposal] = []
    accepted = None
    with open_node(chosen(name, node)) as opened:
        with scanning.open_scan(opened, schema or (), datetime.now(ZoneInfo("Asia/Shanghai")).date()) as under_way:
            total = len(under_way.relations)
            for proposal in under_way.proposals():
                found.append(proposal)
                progress(len(found), total, f"{proposal.schema_name}.{proposal.table}")
        if out is not None:
            write_bytes(out, _file_of(found, out))
        if is_posted:
            accepted = scanning.post(opened, found)
    if as_json:
        tables = [_summary(each) for each in found]
        emit({"tables": tables, "file": out, "accepted": accepted})
        return
    for each in found:
        problem = f"\t（取值没有看到：{each.problem}）" if each.problem else ""
        say(f"{each.schema_name}.{each.table}\t{each.draft.title}\t{len(each.draft.items)} 列{problem}")
    say(f"共 {len(found)} 张表" + ("" if accepted is None else f"，新报 {accepted} 份，请编目员在“反向编目”中确认"))


@app.command()
def probe(name: NodeArgument = "", node: NodeName = "", as_json: AsJson = False) -> None:
    """探测本节点的每一处挂接：在不在、与目录是否一致、何时变过，并报给目录。"""
    with open_node(chosen(name, node)) as opened:
        found, accepted = probe_all(opened)
    if as_json:
        emit({"probes": [each.model_dump(mode="json") for each in found], "accepted": accepted})
    else:
        for each in found:
            if not each.is_reachable:
                say(f"{each.mount_id}\t读不到\t{each.problem_zh}")
            else:
                words = "；".join(mismatch.zh for mismatch in each.mismatches)
                say(f"{each.mount_id}\t{'一致' if each.is_matching else '不一致'}\t{words}")
        say(f"共 {len(found)} 处挂接，新报 {accepted} 条")
    if not all(each.is_reachable and each.is_matching for each in found):
        raise typer.Exit(1)


@app.command()
def migrate(name: NodeArgument = "", node: EachNode = "", as_json: AsJson = False) -> None:
    """把节点（不写名字：本机全部节点）的台账库和部门库里的登记表升级到当前版本；只进不退，可重复执行。"""
    with open_nodes(chosen(name, node)) as nodes:
        for each in nodes:
            upgrade(each.settings.database_url, "node")
            upgrade(each.settings.department_url, "target")
            if not as_json:
                say(f"节点 {each.node_id} 的台账库和部门库已是当前版本")
    if as_json:
        emit({"nodes": [{"node": each.node_id, "is_current": True} for each in nodes]})


_SIGNS = {"ok": "✓", "note": "!", "bad": "✗"}


@app.command()
def doctor(name: NodeArgument = "", node: NodeName = "", as_json: AsJson = False) -> None:
    """体检：时钟、磁盘、密钥、连接、权限、批次、审计、生僻字，逐行说明该做什么；不显示数据值；有 ✗ 时以非零退出。"""
    found: list[Line] = []
    with open_node(chosen(name, node)) as opened:
        for line in examine(opened):
            found.append(line)
            if not as_json:
                for row in wrapped(f"{line.name}：{line.zh}", f"{_SIGNS[line.light]} ", "  "):
                    say(row)
                for row in wrapped(line.next_step, "  → ", "    ") if line.next_step else ():
                    say(row)
    counts = {light: sum(line.light == light for line in found) for light in _SIGNS}
    if as_json:
        emit({"node": opened.node_id, "lines": [vars(line) for line in found], "counts": counts})
    else:
        say(f"✓ {counts['ok']} 项正常，! {counts['note']} 项要留意，✗ {counts['bad']} 项须处理")
    if counts["bad"]:
        raise typer.Exit(1)


def _file_of(found: Sequence[Proposal], out: Path) -> bytes:
    """A workbook of the drafts, or the proposals whole, with each guess and its reason."""
    if out.suffix.lower() == ".json":
        return canonical_bytes([each.model_dump(mode="json") for each in found])
    return template.write(None, [each.draft for each in found])


def _summary(proposal: Proposal) -> dict[str, object]:
    draft = proposal.draft
    return {
        "schema": proposal.schema_name,
        "table": proposal.table,
        "title": draft.title,
        "library": draft.library,
        "items": len(draft.items),
        "rows": proposal.row_count,
        "sensitivity": max((item.sensitivity for item in draft.items), default=None),
        "problem": proposal.problem,
    }
