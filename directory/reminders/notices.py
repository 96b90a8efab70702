"""What a reminder says: of one term, and of many at once."""

from collections.abc import Mapping
from typing import Final

from directory.notices.kind import Kind


def _one(zh: str, en: str, at: str = "#decide") -> Kind:
    return Kind(subject="request", link=f"/requests/{{id}}{at}", zh=zh, en=en)


def _many(zh: str, en: str, link: str = "/supervision") -> Kind:
    return Kind(subject="", link=link, zh=zh, en=en)


SUBJECT_NAMES: Final[Mapping[str, str]] = {
    "request": "申请和授权",
    "supplement": "待补正的申请",
    "use_record": "使用记录",
    "rectification": "限期整改",
    "matter": "校核申请和异议",
    "matter_waiting": "不计时的校核、异议和投诉",
    "service": "服务变更",
    "responsibility": "责任清单",
    "demand": "没有着落的需求",
    "entrustment": "委托",
}
_ENGLISH: Final[Mapping[str, str]] = {
    "supplement": "a request that is to be completed",
    "use_record": "a record of use",
    "rectification": "a use to be put right",
    "matter": "a correction or objection",
    "matter_waiting": "a correction, objection or complaint",
    "service": "a change of a service",
    "responsibility": "a responsibility",
    "demand": "a demand that nobody meets",
    "entrustment": "an entrustment",
}
_LINKS: Final[Mapping[str, Mapping[str, str]]] = {
    "supplement": {"request": "/requests/{id}"},
    "use_record": {"request": "/requests/{id}/uses"},
    "rectification": {"request": "/requests/{id}#suspension"},
    "matter": {"correction": "/corrections/{id}#decide", "objection": "/objections/{id}#decide"},
    "matter_waiting": {
        "correction": "/corrections/{id}",
        "objection": "/objections/{id}",
        "complaint": "/complaints/{id}",
    },
    "service": {"service": "/services/{id}"},
    "responsibility": {"responsibility": "/lists/responsibilities/{id}"},
    "demand": {"demand": "/lists/demands/{id}"},
    "entrustment": {"entrustment": "/entrustments/{id}"},
}
_ZH: Final[Mapping[str, str]] = {
    "half": "期限已过半，截止 {due_on}",
    "before": "将到期，截止 {due_on}",
    "due": "今天到期（{due_on}）",
    "after": "已超期，截止日是 {due_on}；仍须办理",
    "head": "再次催办：至今没有办理（{due_on}）",
    "asker": "对方已超期（截止 {due_on}）",
    "waiting": "自 {due_on} 起等着办理",
}
_EN: Final[Mapping[str, str]] = {
    "half": "half of its term has passed, due on {due_on}",
    "before": "soon due, on {due_on}",
    "due": "due today, {due_on}",
    "after": "late, it was due on {due_on} and is still to be done",
    "head": "second reminder, still not done ({due_on})",
    "asker": "the other side is late, it was due on {due_on}",
    "waiting": "waiting since {due_on}",
}


def _others() -> Mapping[str, Kind]:
    """Of every other subject each sentence, about one and about many."""
    found = {}
    for subject, links in _LINKS.items():
        name, english = SUBJECT_NAMES[subject], _ENGLISH[subject]
        for moment, zh in _ZH.items():
            many_zh, many_en = f"{name}有 {{count}} 件要看", f"{{count}} times: {english}"
            found[f"reminder:{subject}_many_{moment}"] = _many(many_zh, many_en, "/approvals")
            for notice, link in links.items():
                words = f"{name}“{{title}}”：{zh}", f"{english}, {{title}}: {_EN[moment]}"
                found[f"reminder:{subject}_{notice}_{moment}"] = Kind(
                    subject=notice, link=link, zh=words[0], en=words[1]
                )
    return found


KINDS: Final[Mapping[str, Kind]] = {
    "reminder:half": _one(
        "“{title}”的期限已过半，截止 {due_on}", "half of the term for {title} has passed; it is due on {due_on}"
    ),
    "reminder:before": _one("“{title}”将到期，截止 {due_on}", "{title} is soon due, on {due_on}"),
    "reminder:due": _one("“{title}”今天到期（{due_on}）", "{title} is due today, {due_on}"),
    "reminder:after": _one(
        "“{title}”已超期，截止日是 {due_on}；超期不等于同意或不同意，仍须办理",
        "{title} is late, it was due on {due_on}; silence is no answer and it still has to be given",
    ),
    "reminder:head": _one(
        "再次催办：“{title}”超期仍未办理，截止日是 {due_on}", "second reminder: {title} is still late, due on {due_on}"
    ),
    "reminder:asker": _one(
        "您申请的“{title}”对方已超期（截止 {due_on}），信息办可督办",
        "what you asked for, {title}, is late (due on {due_on}); the office can urge it",
        "",
    ),
    "reminder:expiring": _one(
        "“{title}”的使用时限到 {due_on} 为止，要继续使用请及时续期",
        "the term of use of {title} ends on {due_on}; renew it in time to go on",
        "",
    ),
    "reminder:many_half": _many("{count} 件申请的期限已过半", "half of the term has passed for {count} requests"),
    "reminder:many_before": _many("{count} 件申请将到期", "{count} requests are soon due"),
    "reminder:many_due": _many("{count} 件申请今天到期", "{count} requests are due today"),
    "reminder:many_after": _many(
        "{count} 件申请已超期，仍须办理",
        "{count} requests are late and still have to be answered",
        "/supervision?light=red",
    ),
    "reminder:many_head": _many(
        "再次催办：{count} 件申请超期仍未办理",
        "second reminder: {count} requests are still late",
        "/supervision?light=red",
    ),
    "reminder:many_asker": _many(
        "本部门申请的资源有 {count} 件对方已超期", "{count} requests of your department are late", "/requests?of=own"
    ),
    "reminder:many_expiring": _many(
        "{count} 项授权的使用时限将到", "the term of use of {count} grants is near its end", "/requests?of=own"
    ),
    **_others(),
}
