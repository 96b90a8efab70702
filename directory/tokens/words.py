"""What each action is called where somebody chooses or reads a token's scope: its subject, and what is done with it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

SUBJECTS: Final[Mapping[str, str]] = {
    "audit": "审计记录",
    "calendar": "工作日历",
    "class_code": "类目",
    "collection": "不重复采集核查",
    "complaint": "投诉举报",
    "consent": "常设同意",
    "correction": "校核申请",
    "decider_rule": "谁来审批",
    "demand": "需求清单",
    "duty_change": "法规与职责变化",
    "duty_extension": "目录更新的延期",
    "exchange": "交换运行",
    "grant": "授权",
    "import": "导入",
    "item_change": "在用数据项的变化",
    "library": "基础库",
    "local_rule": "办理期限和提醒规则",
    "lockout": "登录锁定",
    "matter": "校核和异议",
    "negative": "负面清单",
    "node": "节点",
    "objection": "异议",
    "offer": "可选的筛选",
    "order": "工单",
    "organisation": "机构",
    "people": "人员",
    "prefix": "前段码",
    "proposal": "反向编目",
    "rate": "挂接率",
    "rating": "使用评价",
    "request": "申请",
    "resource": "目录",
    "responsibility": "责任清单",
    "role": "角色",
    "service": "服务变更",
    "situation": "违规情形",
    "statistics": "统计",
    "supervision": "督办",
    "template": "编目模板",
    "use": "使用记录",
}
VERBS: Final[Mapping[str, str]] = {
    "accept": "受理",
    "acknowledge": "确认收到",
    "agree": "答复",
    "allot": "分配",
    "announce": "告知",
    "answer": "答复",
    "ask_supplement": "通知补正",
    "assess": "评估",
    "assign": "确定责任部门",
    "brief": "看审批要点",
    "cap": "设上限",
    "check": "核查",
    "close": "办结",
    "comment": "留言",
    "confirm_change": "确认变更",
    "create": "起草",
    "decide": "作决定",
    "declare": "设定",
    "edit": "修改",
    "endorse": "本部门批准",
    "enrol": "登记",
    "escalate": "提请上级",
    "file": "备案",
    "fulfil": "落实",
    "give": "评价",
    "grant": "授予、收回",
    "handle": "办理",
    "head_approve": "负责人审核",
    "issue": "下达",
    "lift": "解除",
    "moderate": "管理",
    "note": "知悉",
    "office_agree": "信息办审批",
    "propose": "建议",
    "publish": "发布",
    "raise": "提出",
    "read": "查看",
    "recall": "撤回",
    "record": "登记",
    "reform": "合并、拆分、更名",
    "refuse": "不予共享",
    "register": "新编",
    "report": "报告",
    "resume": "恢复",
    "return": "退回",
    "review": "审核",
    "run": "执行",
    "sign": "签署",
    "submit": "提交",
    "suspend": "暂停",
    "urge": "催办、督办",
    "withdraw": "撤销",
}
_OWN: Final[Mapping[str, str]] = {"situation:file": "立案"}  # where a verb means something else


def by_subject(actions: Iterable[str]) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """Each subject's name with its actions and what each does, in the order of the actions.

    One that has no words yet is shown by its code, never dropped; a test finds it.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for action in sorted(actions):
        subject, verb = str(action).split(":")
        found.setdefault(SUBJECTS.get(subject, subject), []).append((action, _OWN.get(action, VERBS.get(verb, verb))))
    return list(found.items())
