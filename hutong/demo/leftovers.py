"""What waits on the desks after the demo: a few things begun and not finished, by the same verbs as everything else.

Each is begun once; what people did with it since is theirs, so a second run begins only what is not there at all. None
asks for what a ``Wish`` asks for, and none is finished: the report's numbers are those of the main job.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from directory.roles import Role
from hutong.demo.catalogue import ENTERPRISES, OBSERVATIONS, RESIDENTS, Wish
from hutong.demo.catalogue_story import Published, assess
from hutong.demo.city import GONGAN, OFFICE, RENSHE, SHICHANG, SHUIWU, TONGJI, ZHUJIAN
from hutong.demo.directory_client import DirectoryClient
from hutong.demo.people import People
from hutong.demo.request_story import begin

_DUTY_DAYS_AGO: Final = 10  # more than half of its ten working days is over, unless a long holiday lies between
_BASIS: Final = "市政府办公厅印发的部门职责规定（演示）"


@dataclass(frozen=True)
class Begun:
    """A request and how many steps it is brought on.

    With none it waits for its own department to approve it, then for its 经办人 to submit it, the office to accept it,
    the provider to answer and the office to approve.
    """

    wish: Wish
    steps: int


REQUESTS: Final = (
    Begun(Wish(RENSHE, ENTERPRISES, "用人单位参保登记信息核对", _BASIS, ("uscc", "org_name", "reg_status")), 0),
    Begun(Wish(RENSHE, OBSERVATIONS, "就业形势分析工作参考", _BASIS), 1),
    Begun(Wish(ZHUJIAN, RESIDENTS, "公共租赁住房申请人户籍核对", _BASIS, ("id_number", "name", "hukou_region")), 2),
    Begun(Wish(SHUIWU, RESIDENTS, "自然人纳税人身份信息核对", _BASIS, ("id_number", "name")), 3),
    Begun(Wish(TONGJI, RESIDENTS, "人口抽样调查样本框维护", _BASIS, ("id_number", "hukou_region", "birth_date")), 3),
    Begun(Wish(SHICHANG, RESIDENTS, "经营者身份信息核对", _BASIS, ("id_number", "name")), 4),
)
_UNSUBMITTED: Final = "居住证办理信息"
_UNFINISHED: Final = "户口迁移办理信息"
_DRAFT_ITEMS: Final = ("id_number", "name", "sex_code", "birth_date")
_UNREGISTERED: Final = "定点医药机构信息"
_HEADS: Final = "信息资源名称,信息资源提供方,信息资源摘要"
_WORKBOOK: Final = f"{_HEADS}\n{_UNREGISTERED},示例市医疗保障局,全市定点医院和药店的名称、地址和等级。\n"


def leave(people: People, published: dict[str, Published], today: date, valid_until: date) -> None:
    """Put something on the desk of each account that ``tour`` names."""
    for each in REQUESTS:
        begin(people, each.wish, published[each.wish.entry.title].resource_id, valid_until, each.steps)
    residents = published[RESIDENTS.title].resource_id
    _report_duty(people, residents, today)
    _doubt(people, residents)
    _describe(people, today)
    _mention(people)


def _report_duty(people: People, resource_id: str, today: date) -> None:
    """A change of duty that took effect a while ago and is reported only now: the term runs from its day (Art. 17)."""
    editor = people.client(GONGAN, Role.EDITOR)
    if editor.get("/api/v1/duty-changes"):
        return
    editor.post(
        "/api/v1/duty-changes",
        {
            "kind": "duty",
            "title": "婚姻状况改由民政部门提供（演示）",
            "description": "职责调整后，本部门不再采集婚姻状况，目录须相应更新。",
            "changed_on": (today - timedelta(days=_DUTY_DAYS_AGO)).isoformat(),
            "refs": [resource_id],
        },
    )


def _doubt(people: People, resource_id: str) -> None:
    """校核申请: whoever uses the data found something wrong."""
    requester = people.client(RENSHE, Role.REQUESTER)
    if requester.get("/api/v1/corrections", resource=resource_id):
        return
    requester.post(
        "/api/v1/corrections",
        {
            "resource": resource_id,
            "items": ["hukou_address"],
            "words": "参保比对时发现部分人员的户籍地址与街道台账不一致，请核实。",
            "record_count": 3,
        },
    )


def _describe(people: People, today: date) -> None:
    """An entry whose head has approved it and whose editor has not submitted it yet, and a draft that lacks things."""
    editor, head = people.client(GONGAN, Role.EDITOR), people.client(GONGAN, Role.DEPARTMENT_HEAD)
    if not _stands(editor, _UNSUBMITTED):
        resource = f"/api/v1/resources/{_draft(people, _UNSUBMITTED, '居住证的申领、签注和注销情况，为演示用。')}"
        assess(editor, resource, today)
        head.post(f"{resource}/transitions", {"to": "head_approved", "comment": "内容属实，同意编目。"})
    if not _stands(editor, _UNFINISHED):
        _draft(people, _UNFINISHED, "")


def _draft(people: People, title: str, abstract: str) -> str:
    full = RESIDENTS.resource(people.code(GONGAN))
    items = tuple(item for item in full.items if item.field in _DRAFT_ITEMS)
    told = {"title": title, "abstract": abstract, "keywords": (), "items": items, "mounts": ()}
    draft = full.model_copy(update=told)
    return str(people.client(GONGAN, Role.EDITOR).post("/api/v1/resources", draft.model_dump(mode="json"))["id"])


def _mention(people: People) -> None:
    """A workbook of a department that nobody has registered yet: the system administrator compares and registers it."""
    reviewer = people.client(OFFICE, Role.OFFICE_REVIEWER)
    if not _stands(reviewer, _UNREGISTERED):
        options = {"dry_run": "false", "without_broken": "true"}
        reviewer.upload("/api/v1/resources/import", "医保目录.csv", _WORKBOOK.encode(), options)


def _stands(client: DirectoryClient, title: str) -> bool:
    return any(each["title"] == title for each in client.get("/api/v1/resources", q=title, size=50)["items"])
