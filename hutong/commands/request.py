"""``hutong request``: requests, their terms and decisions (Art. 20-22), and what supervision sees of them."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer

from directory.access import api, decide, drafting, renewal
from directory.access.batch import move_many
from directory.access.change import change as ask_change
from directory.access.evidence import evidence
from directory.access.names import ACT_NAMES
from directory.access.said import PART_NAMES, Part, Said
from directory.access.states import Act
from directory.access.views import view
from directory.limits import LIMITS
from directory.signing import open_key
from hutong.acting import AsJson, AsPerson, AsReader, acting, body, body_of_file, looking
from hutong.console import emit, say, tell
from hutong.errors import HutongError
from hutong.request_brief import add_brief
from hutong.request_comments import add_comments
from hutong.request_desk import add_desk
from hutong.request_lines import request_line, say_request
from hutong.term_lines import say_terms
from metadata.access import AccessRequest

app = typer.Typer(help="共享申请：起草、批准、受理、答复，期限和督办。")
add_comments(app)
add_brief(app)
add_desk(app)

Request = Annotated[UUID, typer.Argument(metavar="申请编号", help="hutong request list 所列的编号。")]
STEPS: Final = tuple(act for act in Act if act in decide.REQUEST_ACTS | decide.GRANT_ACTS)


@app.command("list")
def list_requests(
    mine: Annotated[bool, typer.Option("--mine", help="只列本部门提出的。")] = False,
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """列出申请，新的在前：走到哪一步、轮到谁、何时到期。"""
    with looking(as_user) as work:
        found = api.browse(work.session, work.actor, mine)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    for each in found.items:
        say(request_line(each))
    if not found.items:
        tell("没有申请")
    if found.next:
        tell(f"只列了最近的 {len(found.items)} 份，共 {found.total} 份；更早的在“全部申请”页上逐页看")


@app.command()
def show(request: Request, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """显示一份申请和它的经过。"""
    with looking(as_user) as work:
        shown = view(work.session, work.actor, request, work.today)
    say_request(shown, as_json)


@app.command()
def draft(
    file: Annotated[Path, typer.Argument(metavar="文件", help="JSON：申请的内容，字段同 POST /api/v1/requests。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """起草一份申请；提交前须本部门共享工作机构负责人批准。"""
    asked = body_of_file(AccessRequest, file)
    with acting(as_user) as work:
        row = drafting.create(work.session, work.actor, asked, work.now)
        shown = view(work.session, work.actor, row.id, work.today)
    say_request(shown, as_json)


@app.command()
def amend(
    request: Request,
    file: Annotated[Path, typer.Argument(metavar="文件", help="JSON：改正后的全部内容。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """修改自己的申请（草稿、已退回补正的）；修改后须重新批准。"""
    asked = body_of_file(AccessRequest, file)
    with acting(as_user) as work:
        drafting.amend(work.session, work.actor, request, asked, work.now)
        shown = view(work.session, work.actor, request, work.today)
    say_request(shown, as_json)


@app.command()
def renew(
    request: Request,
    file: Annotated[Path, typer.Argument(metavar="文件", help="JSON：续期的内容，使用时限须更晚。")],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """为正在使用的授权起草续期申请；批准和答复的步骤与新申请相同。"""
    asked = body_of_file(AccessRequest, file)
    with acting(as_user) as work:
        row = renewal.renew(work.session, work.actor, request, asked, work.now)
        shown = view(work.session, work.actor, row.id, work.today)
    say_request(shown, as_json)


@app.command()
def change(
    request: Request,
    file: Annotated[Path, typer.Argument(metavar="文件", help="JSON：变更后的全部内容。")],
    as_user: AsPerson,
    reason: Annotated[str, typer.Option("--reason", help="为什么变更。")] = "",
    as_json: AsJson = False,
) -> None:
    """为正在使用的授权起草变更；只减不增的受理后即按原同意授权，其余须提供部门重新同意。"""
    asked = body_of_file(AccessRequest, file)
    with acting(as_user) as work:
        row = ask_change(work.session, work.actor, request, asked, reason, work.now)
        shown = view(work.session, work.actor, row.id, work.today)
    say_request(shown, as_json)


@app.command()
def move(
    to: Annotated[
        str, typer.Argument(metavar="步骤", help="； ".join(f"{act.value} {ACT_NAMES[act]}" for act in STEPS) + "。")
    ],
    requests: Annotated[
        list[UUID], typer.Argument(metavar="申请编号...", help=f"一份，或最多 {LIMITS.batch_count} 份，各有各的结果。")
    ],
    as_user: AsPerson,
    comment: Annotated[str, typer.Option("--comment", "-m", help="意见。")] = "",
    reason: Annotated[
        str, typer.Option("--reason", help="不予共享的理由，须是目录列明或法定的；提出处置要求时，处置方式。")
    ] = "",
    days: Annotated[int | None, typer.Option("--days", min=1, max=100, help="申请延期几个工作日。")] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--until", formats=["%Y-%m-%d"], metavar="日期", help="整改或处置的期限，如 2027-01-31。"),
    ] = None,
    missing: Annotated[
        list[Part] | None,
        typer.Option(
            metavar="缺项", help=f"通知补正时缺的，可写多次： {'； '.join(f'{k} {v}' for k, v in PART_NAMES.items())}。"
        ),
    ] = None,
    handed_to: Annotated[str, typer.Option("--to", metavar="用户名", help="交他人接办：交给本部门哪位经办人。")] = "",
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="文件",
            help="JSON：随这一步说的内容，字段同接口，如 refused_items、certificate；另写的选项以选项为准。",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """办理一步：批准、提交、受理、通知补正、同意、不予共享、延期、督办、争议、暂停、恢复、终止、处置、交他人接办。"""
    if to not in STEPS:
        raise HutongError("ARGUMENT_BAD", what=f"步骤（{'、'.join(STEPS)}）", what_en=f"the step ({', '.join(STEPS)})")
    act = Act(to)
    if len(requests) > LIMITS.batch_count:
        most = LIMITS.batch_count
        raise HutongError(
            "ARGUMENT_BAD", what=f"申请编号（一次最多 {most} 份）", what_en=f"requests ({most} at a time)"
        )
    typed = {
        "comment": comment,
        "reason": reason,
        "days": days,
        "until": until and until.date(),
        "missing": tuple(missing or ()),
        "handed_to": handed_to,
    }
    in_file = body_of_file(Said, file).model_dump(exclude_unset=True) if file else {}
    said = body(Said, **in_file | {name: value for name, value in typed.items() if value})
    with acting(as_user) as work:
        key, suite_2 = open_key(work.settings.directory_key_path), work.settings.suite_2
        found = move_many(work.session, work.actor, key, requests, act, work.now, said, suite_2=suite_2)
        done = list(found.items())
    refused = [error for _, error in done if error is not None]
    if len(done) == 1 and refused:
        raise refused[0]
    if as_json:
        lines = [
            {"id": str(ref)} | ({"code": error.code, "problem": error.zh} if error else {"done": act.value})
            for ref, error in done
        ]
        emit({"done": len(done) - len(refused), "refused": len(refused), "requests": lines})
    else:
        for ref, error in done:
            if error is None:
                say(f"{ref}\t已{ACT_NAMES[act]}")
            else:
                tell(f"{ref}\t没有{ACT_NAMES[act]}：{error.zh}（{error.code}）。下一步：{error.next_cli}")
    if refused:
        raise typer.Exit(1)


@app.command()
def terms(request: Request, as_user: AsReader = "", as_json: AsJson = False) -> None:
    """时限证据单：每个期限逐日怎样计算。"""
    with looking(as_user) as work:
        found = evidence(work.session, work.actor, request, work.today)
    say_terms(found, as_json)
