"""A form refused by its declared limits, given back: what was typed, the reason at its field, the rest as sent."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import Request
from fastapi.responses import Response

from directory.http.forged import sent_pairs
from directory.http.malformed import expected
from directory.http.sent import SECRET_FIELDS
from directory.web.render import page

# What the fields with declared limits that somebody types into are called on their pages; a test compares.
FIELD_LABELS: Final[Mapping[str, str]] = {
    "answer_by": "答复截止日",
    "basis": "依据",
    "carried_out_by": "办理人",
    "carried_out_on": "办理日期",
    "choices": "可选的取值",
    "class_code": "类项目",
    "code": "编码",
    "code_list": "代码表",
    "comment": "意见",
    "contractor": "受托方",
    "contractor_code": "受托方统一社会信用代码",
    "corrected_from_batch": "批次",
    "corrected_from_on": "更正后的日期",
    "correction": "更正的理由",
    "covers": "涉及内容",
    "covers_from": "从哪天",
    "covers_until": "到哪天",
    "days": "工作日数",
    "delegate": "代理人",
    "display_name": "姓名",
    "disposal": "销毁情况",
    "effect": "应用成效",
    "effective_on": "施行日期",
    "ends_on": "至",
    "extension_days": "可延长的工作日数",
    "field": "字段名",
    "heard": "对方读出的指纹",
    "label": "中文名称",
    "lead_department": "牵头部门",
    "level": "层级",
    "limit_days": "工作日数",
    "make_up": "调休上班",
    "most_calls": "每天最多调用几次",
    "most_days": "使用时限最长几天",
    "most_rows": "一批最多几行",
    "name": "名称",
    "off": "放假",
    "org_name": "名称",
    "parent_code": "上级部门",
    "password": "密码",
    "prefix": "前段码",
    "process": "使用过程",
    "purpose": "用途",
    "reason": "理由",
    "ref": "目录",
    "region_code": "行政区划代码",
    "representation": "表示",
    "request_id": "申请编号",
    "rule": "规则",
    "scenario": "使用场景",
    "sensitivity": "敏感程度",
    "scope": "使用范围",
    "seq": "批次",
    "short_name": "简称",
    "since": "开始日期",
    "source": "来源",
    "starts_on": "自",
    "storage": "存储情况",
    "takes_effect_on": "生效日",
    "until": "截止日期",
    "username": "用户名",
    "valid_days": "有效天数",
    "valid_until": "使用时限",
    "way": "方式",
    "witnessed_by": "见证人",
    "words": "说明",
    "work": "委托事项",
}
_LIST_MOST: Final = 50


def refused_form(request: Request, errors: Sequence[Mapping[str, Any]]) -> Response | None:
    """The form again, 422; none where it was none of ours, had files, or what is wrong is not a field to type into.

    A password is never said again: its field comes back empty.
    """
    sent = getattr(request.state, "sent_form", None)
    if sent is None or len(errors) > _LIST_MOST:
        return None
    pairs = sent_pairs(sent)
    typed = {name: value for name, value in pairs if isinstance(value, str)}
    wrong = {str(each["loc"][1]): _sentence(each) for each in errors if len(each["loc"]) == 2}
    if len(wrong) != len(errors) or not wrong.keys() <= typed.keys() & FIELD_LABELS.keys() or len(typed) < len(pairs):
        return None
    return page(
        request,
        "refused_form.html",
        status_code=422,
        action=request.url.path,
        others=[(name, value) for name, value in pairs if name not in wrong and name not in SECRET_FIELDS],
        wrong=[
            {"name": name, "label": FIELD_LABELS[name], "value": typed[name], "is_secret": name in SECRET_FIELDS}
            for name in [*wrong, *(SECRET_FIELDS & FIELD_LABELS.keys() & typed.keys() - wrong.keys())]
        ],
        faults=wrong,
    )


def _sentence(error: Mapping[str, Any]) -> str:
    if error["type"] == "string_too_long":
        most, now = error["ctx"]["max_length"], len(error["input"])
        return f"最长 {most} 个字，现在是 {now} 个；请缩短"
    return f"{expected(error) or '不符合要求'}；请核对后重写"
