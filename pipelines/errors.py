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
    }
