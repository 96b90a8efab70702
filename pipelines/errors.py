"""Errors of the pipelines: checks that could not be carried out, tasks that have no place here."""

from typing import ClassVar

from standards.errors import ExplainedError, Explanation


class PipelinesError(ExplainedError):
    """A check or task that did not do its work. Never the words for "the data are bad": those are results."""

    explanations: ClassVar = {
        "CHECK_DISAGREES": Explanation(
            zh="{subject} 的规则 {rule} 两次计算结果不同：{first} 与 {second}",
            en="two computations of rule {rule} on {subject} differ: {first} and {second}",
            next_step="本批不会发送或入库；请将此规则与两个数字报给系统维护人员。",
            status=500,
        ),
        "CHECK_FAILED": Explanation(
            zh="{subject} 的质量检查没有完成：{reason}",
            en="the quality check of {subject} was not carried out: {reason}",
            next_step="本批不会发送或入库；核对数据库权限和日志后重试。",
            status=500,
        ),
        "CHECK_UNREACHABLE": Explanation(
            zh="质量检查连不上 {subject} 的数据库，或连接中断、超时：{reason}",
            en="the database of {subject} could not be reached for checking, or broke off: {reason}",
            next_step="稍后会自动重试；若一直如此，核对数据库是否在运行。",
            status=503,
            is_transient=True,
        ),
        "CHECK_COLUMNS": Explanation(
            zh="{subject} 缺少规则要检查的列：{columns}",
            en="{subject} lacks columns that the rules are about: {columns}",
            next_step="核对挂接的列与目录信息项是否一致。",
        ),
        "NOT_MY_NODE": Explanation(
            zh="本机没有节点 {node} 的主目录（{folder}），不能处理它的批次",
            en="the home of node {node} is not on this machine ({folder}); its batches cannot be driven here",
            next_step="把任务派到装有该节点的机器（该节点的队列），或在本机用 hutong node init 登记节点。",
            status=403,
        ),
        "NODE_BUSY": Explanation(
            zh="节点 {node} 暂时不能工作：{reason}",
            en="node {node} cannot work at the moment: {reason}",
            next_step="稍后会自动重试；若一直如此，运行 hutong exchange status 查看。",
            status=503,
            is_transient=True,
        ),
        "NODE_FAILED": Explanation(
            zh="节点 {node} 不能工作：{reason}",
            en="node {node} cannot work: {reason}",
            next_step="按所列原因处理；运行 hutong exchange status 查看。",
            status=500,
        ),
        "NODES_FAILED": Explanation(
            zh="有节点没有同步成功：{reasons}",
            en="some nodes could not be synchronised: {reasons}",
            next_step="核对目录服务、中继和各节点的数据库；其余节点不受影响。",
            status=503,
            is_transient=True,
        ),
        "BATCH_STOPPED": Explanation(
            zh="批次 {batch} 已停（{state}），原因 {why}，等待人工处理",
            en="batch {batch} has stopped ({state}) because of {why} and waits for a person",
            next_step="运行 hutong exchange status 查看原因，处理后用 hutong exchange redrive 继续。",
            status=409,
        ),
        "BATCH_WAITING": Explanation(
            zh="批次 {batch} 正在等待：{why}",
            en="batch {batch} is waiting: {why}",
            next_step="稍后会自动重试；若一直如此，运行 hutong exchange status 查看。",
            status=503,
            is_transient=True,
        ),
    }
