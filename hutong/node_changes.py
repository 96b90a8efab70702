"""``hutong node changes``: the change table beside a source table, by which only what changed travels."""

from typing import Annotated

import typer

from exchange.provider import change_table
from hutong.console import emit, say
from hutong.local_nodes import open_node
from hutong.node_choice import NodeName

app = typer.Typer(help="变动登记表：由触发器登记源表变动行的主键，批次只带变动的行。")

AsJson = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")]
TableName = Annotated[str, typer.Argument(metavar="表", help="源表，如 public.people；模式省略时为 public。")]
IsPrinted = Annotated[bool, typer.Option("--print", help="只输出 SQL，交数据库管理员执行。")]


@app.command()
def install(
    table: TableName,
    key: Annotated[list[str] | None, typer.Option("--key", help="标识一行的列，可多次给出；缺省为主键。")] = None,
    is_printed: IsPrinted = False,
    node: NodeName = "",
    as_json: AsJson = False,
) -> None:
    """装上变动登记表和触发器；只登记主键，在写入者的事务里登记。下一批起生效。"""
    schema_name, name = _split(table)
    with open_node(node) as opened:
        url = opened.settings.department_url
        script = change_table.script(url, schema_name, name, tuple(key or ()))
        if not is_printed:
            change_table.apply(url, schema_name, name, script)
    _tell(script, f"已为 {schema_name}.{name} 装上变动登记", is_printed=is_printed, as_json=as_json)


@app.command()
def remove(table: TableName, is_printed: IsPrinted = False, node: NodeName = "", as_json: AsJson = False) -> None:
    """拆去触发器和变动登记表；此后的批次逐键比对。"""
    schema_name, name = _split(table)
    with open_node(node) as opened:
        url = opened.settings.department_url
        script = change_table.removal(url, schema_name, name)
        if not is_printed:
            change_table.apply(url, schema_name, name, script)
    _tell(script, f"已拆去 {schema_name}.{name} 的变动登记", is_printed=is_printed, as_json=as_json)


@app.command()
def status(table: TableName, node: NodeName = "", as_json: AsJson = False) -> None:
    """变动登记装没装、全不全、积了多少条。"""
    schema_name, name = _split(table)
    with open_node(node) as opened:
        found = change_table.status(opened.settings.department_url, schema_name, name)
    if as_json:
        emit({"installed": found is not None} | ({} if found is None else vars(found)))
    elif found is None:
        say(f"{schema_name}.{name} 没有变动登记")
    else:
        state = "完好" if found.is_whole else "触发器被停用或缺失，暂不采用"
        say(f"{schema_name}.{name}：按 {'、'.join(found.key)} 登记，{state}，现存 {found.entries} 条")


def _split(table: str) -> tuple[str, str]:
    schema_name, _, name = table.rpartition(".")
    return schema_name or "public", name


def _tell(script: str, done: str, *, is_printed: bool, as_json: bool) -> None:
    if as_json:
        emit({"applied": not is_printed, "sql": script})
    else:
        say(script.rstrip() if is_printed else done)
