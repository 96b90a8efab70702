"""What the parties of a matter are told, and of which step: the sentences and whom they go to, as data. Pure.

Titles and names of departments only: what a correction or complaint says is read on its page, by whoever may.
"""

from collections.abc import Mapping
from typing import Final

from directory.matters.procedure import Party
from directory.notices.kind import Kind


def _of(subject: str, zh: str, en: str, at: str = "") -> Kind:
    return Kind(subject=subject, link=f"/{subject}s/{{id}}{at}", zh=zh, en=en)


KINDS: Final[Mapping[str, Kind]] = {
    "correction:raised": _of(
        "correction",
        "{org}对“{title}”提出校核申请（{number}），请在 10 个工作日内核实答复",
        "{org} asks for {title} to be checked ({number}); answer within ten working days",
        "#decide",
    ),
    "correction:corrected": _of(
        "correction", "“{title}”的校核申请（{number}）已更正", "{title} was put right after correction {number}"
    ),
    "correction:take_again": _of(
        "correction",
        "“{title}”的数据已更正（{number}），请重新取数后确认",
        "data of {title} were put right ({number}); take them again and acknowledge",
        "#acknowledge",
    ),
    "correction:not_wrong": _of(
        "correction",
        "{org}核实“{title}”无误（{number}），理由见答复；不认可的可提出异议",
        "{org} found {title} not to be wrong ({number}); the reason is on its page",
    ),
    "correction:forwarded": _of(
        "correction",
        "{org}把“{title}”的校核申请（{number}）转来，请在原期限内核实答复",
        "{org} passed correction {number} of {title} on; answer within the term that runs",
        "#decide",
    ),
    "correction:acknowledged": _of(
        "correction",
        "“{title}”的更正（{number}）各使用部门都已确认，办结",
        "every consumer acknowledged correction {number} of {title}",
    ),
    "correction:urged": _of(
        "correction", "信息办就“{title}”的校核申请（{number}）督办", "the office urges correction {number} of {title}"
    ),
    "correction:withdrawn": _of(
        "correction", "{org}撤回了“{title}”的校核申请（{number}）", "{org} withdrew correction {number} of {title}"
    ),
    "objection:raised": _of(
        "objection", "{org}就“{title}”提出异议（{number}），请答复", "{org} objects about {title} ({number})", "#decide"
    ),
    "objection:answered": _of(
        "objection", "“{title}”的异议（{number}）已有答复", "objection {number} about {title} is answered", "#decide"
    ),
    "objection:escalated": _of(
        "objection",
        "{org}把“{title}”的异议（{number}）报上一级处理",
        "{org} took objection {number} about {title} a level up",
        "#decide",
    ),
    "objection:settled": _of(
        "objection", "{org}接受答复，“{title}”的异议（{number}）办结", "{org} let objection {number} rest"
    ),
    "objection:urged": _of(
        "objection", "信息办就“{title}”的异议（{number}）督办", "the office urges objection {number} about {title}"
    ),
    "objection:withdrawn": _of(
        "objection", "{org}撤回了“{title}”的异议（{number}）", "{org} withdrew objection {number}"
    ),
    "complaint:raised": _of("complaint", "收到投诉举报 {number}，待受理", "complaint {number} came in", "#decide"),
    "complaint:accepted": _of("complaint", "您的投诉举报 {number} 已受理", "your complaint {number} was taken"),
    "complaint:declined": _of(
        "complaint", "您的投诉举报 {number} 未予受理，理由见页面", "complaint {number} was declined"
    ),
    "complaint:assigned": _of(
        "complaint",
        "信息办转来投诉举报 {number}，请核查后回报",
        "complaint {number} is for you to look into",
        "#decide",
    ),
    "complaint:reported": _of(
        "complaint", "有关部门回报了投诉举报 {number}，待答复", "the department reported about {number}", "#decide"
    ),
    "complaint:answered": _of("complaint", "您的投诉举报 {number} 已答复", "your complaint {number} is answered"),
    "complaint:withdrawn": _of("complaint", "投诉举报 {number} 已撤回", "complaint {number} was withdrawn"),
}

TOLD: Final[Mapping[str, tuple[Party, ...]]] = {
    "correction:raised": (Party.ANSWERER,),
    "correction:corrected": (Party.RAISER,),
    "correction:take_again": (Party.CONSUMER,),
    "correction:not_wrong": (Party.RAISER,),
    "correction:forwarded": (Party.ANSWERER,),
    "correction:acknowledged": (Party.RAISER, Party.ANSWERER),
    "correction:urged": (Party.ANSWERER,),
    "correction:withdrawn": (Party.ANSWERER,),
    "objection:raised": (Party.ANSWERER,),
    "objection:answered": (Party.RAISER,),
    "objection:escalated": (Party.OFFICE, Party.ANSWERER),
    "objection:settled": (Party.ANSWERER,),
    "objection:urged": (Party.ANSWERER,),
    "objection:withdrawn": (Party.ANSWERER,),
    "complaint:raised": (Party.OFFICE,),
    "complaint:accepted": (Party.CREATOR,),
    "complaint:declined": (Party.CREATOR,),
    "complaint:assigned": (Party.ANSWERER,),
    "complaint:reported": (Party.OFFICE,),
    "complaint:answered": (Party.CREATOR,),
    "complaint:withdrawn": (Party.OFFICE,),
}
