"""What waits for the reader, of every kind in one list, what is due first at its head; the desk shows its beginning."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from directory.clock.deadlines import Light
from directory.worklist.worklist import Worklist


@dataclass(frozen=True)
class Line:
    """One thing that waits. ``standing`` is said in place of the days that are left; ``number`` is what it is filed
    under.
    """

    due_on: date | None
    light: Light | None
    title: str
    hint: str
    origin: str
    link: str
    act_link: str
    act_name: str = "去办理"
    standing: str = ""
    number: str = ""


def soonest(waiting: Worklist, count: int) -> Sequence[Line]:
    """The first of them by their days, those without one at the end; each kind keeps its own order among equals."""
    found = [*_requests(waiting), *_duties(waiting), *_matters(waiting), *_rectifications(waiting)]
    found += [*_tasks(waiting), *_uses(waiting), *_entries(waiting)]
    return sorted(found, key=lambda line: line.due_on or date.max)[:count]


def _requests(waiting: Worklist) -> Iterator[Line]:
    for each in waiting.items:
        link = f"/requests/{each.id}"
        act = "去会签" if each.state == "agreed" else "去办理"
        title = f"申请“{each.resource_title}”"
        yield Line(each.due_on, each.light, title, each.state_name, each.requester_name, link, f"{link}#decide", act)


def _duties(waiting: Worklist) -> Iterator[Line]:
    for each in waiting.duties:
        link, hint = f"/duties/{each.id}", f"{each.kind_name}，{each.state_name}，{each.entry_count} 条目录"
        yield Line(each.due_on, each.light, each.title + each.article, hint, each.org_name, link, f"{link}#entries")


def _matters(waiting: Worklist) -> Iterator[Line]:
    for each in waiting.matters:
        title = each.kind_name + (f"“{each.resource_title}”" if each.resource_title else "")
        act = each.address + ("#acknowledge" if each.state == "telling" else "#decide")
        told = (title, each.state_name, each.from_name, each.address, act)
        yield Line(each.due_on, each.light, *told, number=each.number)


def _rectifications(waiting: Worklist) -> Iterator[Line]:
    for each in waiting.rectifications:
        link, standing = f"/requests/{each.id}", "已报告整改" if each.is_reported else "整改"
        title, hint = f"“{each.resource_title}”限期整改", f"该{each.turn_name}办"
        told = (title, hint, each.requester_name, f"{link}#suspension", f"{link}#decide")
        yield Line(each.until, each.light, *told, standing=standing)


def _tasks(waiting: Worklist) -> Iterator[Line]:
    for each in waiting.tasks:
        title = f"{each.kind_name}“{each.title}”"
        yield Line(each.due_on, each.light, title, f"待{each.act_name}", each.org_name, each.link, each.link)


def _uses(waiting: Worklist) -> Iterator[Line]:
    for each in waiting.uses:
        link = f"/requests/{each.request_id}/uses"
        days = each.begins_on.isoformat() + (f" 至 {each.ends_on}" if each.ends_on != each.begins_on else "")
        title, act = f"记录“{each.resource_title}”的使用", f"{link}#form"
        told = (title, f"{each.name}，{days}", each.provider_name, link, act, "去记录")
        yield Line(each.due_on, each.light, *told)


def _entries(waiting: Worklist) -> Iterator[Line]:
    for each in waiting.entries:
        link, hint = f"/resources/{each.id}", f"{each.status_name}，待{each.act_name}"
        told = (f"目录“{each.title}”", hint, each.provider_name, link, f"{link}#decide", f"去{each.act_name}")
        yield Line(None, None, *told)
