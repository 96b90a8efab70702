"""Typer's help in Chinese: its headings, its marks and what it says of ``--help``, for every command in one place."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from typer.core import TyperOption

_WORDS: Final = {
    "ARGUMENTS_PANEL_TITLE": "参数",
    "OPTIONS_PANEL_TITLE": "选项",
    "COMMANDS_PANEL_TITLE": "命令",
    "REQUIRED_LONG_STRING": "[必填]",
    "DEFAULT_STRING": "[缺省：{}]",
    "ENVVAR_STRING": "[环境变量：{}]",
}
"""Typer's fixed strings: it draws its help with whatever stands there when help is asked for."""
_KINDS: Final = {
    "UUID": "编号",
    "bool": "",
    "dir": "文件夹",
    "file": "文件",
    "float": "数",
    "float range": "数",
    "int": "整数",
    "int range": "整数",
    "path": "文件",
    "str": "文字",
    "%Y-%m-%d": "日期",
}
"""What kinds of values are called; choices are listed as they are typed, and a switch has no value."""
_MANY: Final = "可写多个"
_USAGE: Final = {"[OPTIONS]": "[选项]", "COMMAND [ARGS]...": "命令 [参数]…"}


class _Helped:
    """Help in Chinese, whichever kind of command it is of."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return [_USAGE.get(piece, piece) for piece in super().collect_usage_pieces(ctx)]  # type: ignore[misc]

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix="用法：")

    def get_help_option(self, ctx: Any) -> "TyperOption | None":
        option: TyperOption | None = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = "显示这份说明。"
        return option

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from typer import rich_utils  # noqa: PLC0415 - drawing takes longer to load than most commands to run

        for name, drawn in {**_WORDS, "Table": _whole_table()}.items():
            setattr(rich_utils, name, drawn)
        for parameter in self.get_params(ctx):  # type: ignore[attr-defined]
            parameter.display_type = partial(_kind, parameter.display_type)
        super().format_help(ctx, formatter)  # type: ignore[misc]


def _kind(english: Callable[[Any], str], ctx: Any) -> str:
    """What kind of value stands there: ``<list[str]>`` is 文字，可写多个."""
    said = english(ctx)
    bare = said.removeprefix("<").removesuffix(">")
    one = bare.removeprefix("list[").removesuffix("]")
    kind = _KINDS.get(one, one)
    return kind if one == bare else f"{kind}，{_MANY}"


def _whole_table() -> type:
    """A table that cuts nothing off: Chinese has no spaces to break at, and what is too long would end in dots."""
    from rich.columns import Columns  # noqa: PLC0415 - likewise
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    class WholeTable(Table):
        def add_row(self, *cells: Any, **style: Any) -> None:
            # what typer lines up beside each other is words, and words in columns of their own are cut off again
            texts = [
                Text(" ").join(cast("list[Text]", cell.renderables)) if isinstance(cell, Columns) else cell
                for cell in cells
            ]
            super().add_row(*texts, **style)
            for column in self.columns:
                column.overflow = "fold"

    return WholeTable


class HelpedCommand(_Helped, TyperCommand):
    """A command."""


class HelpedGroup(_Helped, TyperGroup):
    """A group of commands."""


def in_chinese(app: typer.Typer) -> None:
    """Let every command below the application explain itself in Chinese."""
    for command in app.registered_commands:
        command.cls = HelpedCommand
    for group in app.registered_groups:
        group.cls = HelpedGroup
        if group.typer_instance is not None:
            in_chinese(group.typer_instance)
