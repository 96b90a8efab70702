"""``hutong exchange``: batches of the nodes on this machine, without Airflow; the same step()."""

import getpass
import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from exchange import check_results, ledger
from exchange import fsck as invariants
from exchange import plan as planning
from exchange import redrive as moving
from exchange.agent import Driven, turn
from exchange.consumer import undo as undoing
from exchange.errors import ExchangeError
from exchange.peers import sync
from exchange.plan import BatchRef
from exchange.provider import set_aside as left_behind
from hutong import batch_lines, fidelity, reconciling
from hutong.console import complain, emit, say, tell
from hutong.local_nodes import open_node, open_nodes
from hutong.node_choice import EachNode, NodeName
from pipelines.checks.run import GreatExpectationsChecker

app = typer.Typer(help="数据交换：排批、执行、状态、单列、重投、撤销、核查、对账。")

AsJson = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")]
Route = Annotated[str, typer.Argument(metavar="路由", help="路由编号。")]
Seq = Annotated[int, typer.Argument(metavar="批次", help="批次序号。", min=1)]
Force = Annotated[bool, typer.Option("--force", help="不论是否到期。")]

_ROUNDS = 4  # send, receive, close, and once more for what was announced meanwhile


def describe(batch: BatchRef, state: str, code: str, explanation_zh: str, next_step: str) -> str:
    """One line about a batch, and what to do when it does not simply go on."""
    line = f"{batch.node}\t{batch.route_id}/{batch.seq}\t{state}"
    return f"{line}\t{code} {explanation_zh} {next_step}" if code else line


def describe_driven(item: Driven) -> str:
    """The same about a batch that was driven."""
    outcome = item.outcome
    return describe(item.batch, outcome.state, outcome.code, outcome.explanation_zh, outcome.next_step)


@app.command()
def plan(node: EachNode = "", force: Force = False, as_json: AsJson = False) -> None:
    """为到期的授权排出批次。"""
    made: list[BatchRef] = []
    with open_nodes(node) as opened:
        for each in opened:
            made += planning.plan(each, datetime.now(UTC), force=force)
    if as_json:
        emit({"batches": [vars(batch) for batch in made]})
        return
    for batch in made:
        say(f"{batch.node}\t{batch.route_id}/{batch.seq}")
    say(f"排出 {len(made)} 批")


@app.command()
def run(node: EachNode = "", force: Force = False, as_json: AsJson = False) -> None:
    """执行本机节点的全部批次，直到不能再推进；有批次暂候或隔离时以非零退出。"""
    checker = GreatExpectationsChecker()
    latest: dict[tuple[str, str, int], Driven] = {}
    troubles: dict[str, ExchangeError] = {}
    with open_nodes(node) as opened:
        for number in range(_ROUNDS):
            for each in opened:
                done = turn(each, checker, datetime.now(UTC), force=force and number == 0)
                troubles |= {trouble.code: trouble for trouble in done.troubles}
                for item in done.driven:
                    name = item.batch.node, item.batch.route_id, item.batch.seq
                    if name not in latest or latest[name].outcome != item.outcome:
                        tell(describe_driven(item))
                    latest[name] = item
    stopped = [item for item in latest.values() if item.outcome.state in ("held", "quarantined")]
    if as_json:
        batches = [vars(item.batch) | vars(item.outcome) for item in latest.values()]
        emit({"batches": batches, "troubles": [trouble.problem() for trouble in troubles.values()]})
    else:
        closed = sum(item.outcome.state == "closed" for item in latest.values())
        say(f"批次 {len(latest)}，办结 {closed}，暂候或隔离 {len(stopped)}")
    for trouble in troubles.values():
        complain(trouble)
    if stopped or troubles:
        raise typer.Exit(1)


@app.command()
def status(
    node: EachNode = "",
    everything: Annotated[bool, typer.Option("--all", help="也列出已办结的，和隔离后已由另一批接替的。")] = False,
    as_json: AsJson = False,
) -> None:
    """批次现状：在哪一步，为什么等，该做什么。"""
    rows = []
    with open_nodes(node) as opened:
        for each in opened:
            with each.engine.connect() as connection:
                found = ledger.batches(connection, only_open=not everything)
                replaced = ledger.replaced(connection)
            known = each.feed.load().grants
            for batch in found:
                by_seq = replaced.get((batch.route_id, batch.seq))
                if everything or by_seq is None:
                    grant = known[batch.grant_id].whole if batch.grant_id in known else None
                    rows.append((sync.status_of(each.node_id, batch), moving.may_redrive(batch), by_seq, grant))
    if as_json:
        emit(
            {
                "batches": [
                    row.model_dump(mode="json")
                    | {"may_redrive": may, "replaced_by_seq": seq}
                    | {"title": "" if grant is None else grant.resource_title}
                    for row, may, seq, grant in rows
                ]
            }
        )
        return
    for row, may, seq, grant in rows:
        about = ""
        if grant is not None:
            about = f"{grant.resource_title}：{grant.provider.org_name} → {grant.consumer.org_name}"
        for line in batch_lines.lines(row, may_redrive=may, replaced_by_seq=seq, about=about):
            say(line)
    if not rows:
        say("没有未办结的批次")


@app.command()
def set_aside(route: Route, seq: Seq, node: NodeName = "", as_json: AsJson = False) -> None:
    """列出一批里单列的行：主键，以及不符合的规则。只在提供部门的节点上，只在本机显示。"""
    with open_node(node) as opened:
        rows = left_behind.listed(opened, route, seq)
    if as_json:
        emit({"rows": [vars(row) for row in rows]})
        return
    for row in rows:
        key = json.dumps(row.row_key, ensure_ascii=False, default=str)  # on one line, whatever the values hold
        for rule_id, meaning in row.rules.items():
            say(f"{key}\t{rule_id}\t{meaning}")
    say(f"单列 {len(rows)} 行")


@app.command()
def checks(route: Route, seq: Seq, node: NodeName = "", as_json: AsJson = False) -> None:
    """一批的质量检查逐条说明：判断了多少，多少不符合；只提示的也列出。在哪一端运行，就是哪一端的检查。"""
    with open_node(node) as opened:
        found = check_results.of(opened, route, seq)
    if as_json:
        rules = [vars(rule) for rule in found.rules] if found else []
        emit({"place": found and found.place, "rows": found and found.rows, "rules": rules})
        return
    for rule in found.rules if found else ():
        verdict = "通过" if rule.passed else "提示" if rule.action == "report" else "不通过"
        say(f"{verdict}\t{rule.failed}/{rule.evaluated}\t{rule.rule_id}\t{rule.meaning}")
    say(f"共 {found.rows} 行" if found else "还没有检查")


@app.command()
def redrive(
    route: Route,
    seq: Seq,
    node: NodeName = "",
    by: Annotated[str, typer.Option(help="由谁重投；缺省为当前系统用户。")] = "",
    is_full: Annotated[bool, typer.Option("--full", help="尚未封装的这一批改发全量。")] = False,
    as_json: AsJson = False,
) -> None:
    """重投批次：暂候（held）的从原处继续；隔离（quarantined）的由提供部门以新序号重新封装。"""
    with open_node(node) as opened:
        moved = moving.redrive(opened, route, seq, by or getpass.getuser(), is_full=is_full)
    if as_json:
        emit(vars(moved))
    else:
        say(f"已重投：{moved.route_id}/{moved.seq}；下一轮执行时推进")


@app.command()
def undo(
    route: Route,
    seq: Annotated[int | None, typer.Argument(metavar="批次", help="批次序号；缺省为最后装入的一批。", min=1)] = None,
    node: NodeName = "",
    by: Annotated[str, typer.Option(help="由谁撤销；缺省为当前系统用户。")] = "",
    may_empty: Annotated[bool, typer.Option("--empty", help="目标表由这一批建立时也撤销，即清空该表。")] = False,
    as_json: AsJson = False,
) -> None:
    """撤销最后装入的一批：目标表逐字节恢复到它装入之前，路由暂停，重投这一批即恢复。"""
    with open_node(node) as opened:
        undone = undoing.undo(opened, route, seq, by or getpass.getuser(), may_empty=may_empty)
        node_id = opened.node_id
    if as_json:
        emit({"batches": [vars(BatchRef(node_id, batch.route_id, batch.seq)) for batch in undone]})
        return
    for batch in undone:
        say(
            describe(
                BatchRef(node_id, batch.route_id, batch.seq),
                batch.state,
                batch.code,
                batch.explanation_zh,
                batch.next_step,
            )
        )


@app.command()
def fsck(node: EachNode = "", as_json: AsJson = False) -> None:
    """核查不变量；有一条不成立即以非零退出并指明。"""
    with open_nodes(node) as opened:
        found = [(each.node_id, finding) for each in opened for finding in invariants.fsck(each)]
    if as_json:
        emit({"findings": [{"node": name, **finding.model_dump()} for name, finding in found]})
    for name, finding in found:
        tell(f"{name}\t{finding.rule}\t{finding.path}\t{finding.zh}（{finding.en}）")
    if found:
        raise typer.Exit(1)
    if not as_json:
        say("全部不变量成立")


for _command in (reconciling.reconcile, reconciling.differences, reconciling.sheet, fidelity.fidelity):
    app.command()(_command)
