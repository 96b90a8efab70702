"""``hutong cart``: several entries asked for at once, one form of Article 20, one case number."""

from pathlib import Path
from typing import Annotated

import typer

from directory.access import api_cart, cart
from directory.access.cart import CaseRequest
from hutong.acting import AsJson, AsPerson, acting, body_of_file
from hutong.console import emit, say, tell

app = typer.Typer(help="申请车：一次选几项资源，写一次依据和用途，编在同一案号下。")

Entries = Annotated[list[str], typer.Argument(metavar="目录...", help="标识符、代码或编号。")]


@app.command("list")
def list_cart(as_user: AsPerson, as_json: AsJson = False) -> None:
    """列出申请车里的资源和各自的数据项。"""
    with acting(as_user) as work:
        found = api_cart.cart_lines(work.session, work.actor)
    if as_json:
        emit({"entries": [each.model_dump(mode="json") for each in found]})
        return
    for each in found:
        say(f"{each.resource_id}\t{each.title}\t{'、'.join(each.items) if each.is_offered else '现在不能申请'}")
    if not found:
        tell("申请车是空的")


@app.command()
def add(entries: Entries, as_user: AsPerson) -> None:
    """放入申请车；有一项不能申请就一项也不放。"""
    with acting(as_user) as work:
        titles = [cart.add(work.session, work.actor, each, work.now).title for each in entries]
    for title in titles:
        say(f"已放入\t{title}")


@app.command()
def remove(entries: Entries, as_user: AsPerson) -> None:
    """移出申请车。"""
    with acting(as_user) as work:
        held = {
            str(key): entry for entry, _ in cart.held(work.session, work.actor) for key in (entry.id, entry.identifier)
        }
        taken = [held[each] for each in entries if each in held]
        cart.remove(work.session, work.actor, [entry.id for entry in taken])
    for entry in taken:
        say(f"已移出\t{entry.title}")


@app.command()
def draft(
    file: Annotated[
        Path, typer.Argument(metavar="文件", help="JSON：各项资源和数据项，共同的依据、场景、范围、时限。")
    ],
    as_user: AsPerson,
    as_json: AsJson = False,
) -> None:
    """存为申请草稿，每项资源一份；有一项不能这样申请就一份也不存。"""
    asked = body_of_file(CaseRequest, file)
    with acting(as_user) as work:
        made = api_cart.drafted(work.session, work.actor, asked)
    if as_json:
        emit(made.model_dump(mode="json"))
        return
    say(f"案号 {made.case_no}")
    for each in made.requests:
        say(f"{each.id}\t{each.provider_name}\t{each.resource_title}\t{each.state_name}")
