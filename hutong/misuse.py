"""A command line that was typed wrong, in Chinese first: what was typed, what is expected of it, where its help stands.

Typer's own English follows in brackets. What is not among the mistakes known here is told in that English alone, so
that a newer Typer still says something.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

import typer
from pydantic import ValidationError
from typer import TyperException

from hutong.errors import HutongError

_MOST_SHOWN, _MOST_ENGLISH = 60, 240
_RULES: Final[Mapping[str, str]] = {
    "int_parsing": "不是整数",
    "int_from_float": "不是整数",
    "float_parsing": "不是数",
    "bool_parsing": "不是 true 或 false",
    "uuid_parsing": "不是编号（编号从列表里复制，如 3f2b8c1e-…）",
    "greater_than_equal": "小于 {ge}",
    "less_than_equal": "大于 {le}",
}
_PATHS: Final[Mapping[str, str]] = {
    "does not exist": "不存在",
    "is a file": "是文件，这里要的是目录",
    "is a directory": "是目录，这里要的是文件",
    "is not readable": "没有权限读取",
    "is not writable": "没有权限写入",
}
_PATH = re.compile(rf"\w+ '(.*)' ({'|'.join(_PATHS)})\.$")
_LIKELY = re.compile(r"Did you mean (.+)\?$")
_CHOICES = re.compile(r" is not one of (.+)\.$")


class Unfit(typer.BadParameter):
    """Arguments that do not go together, which only the command itself can see: said in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.en = en


def misuse(error: TyperException, typed: Sequence[str]) -> HutongError:
    """What is wrong with the arguments that were ``typed`` after ``hutong``."""
    told: Mapping[str, Callable[[Any, Sequence[str]], str]] = {
        "NoSuchOption": _unknown_option,
        "BadOptionUsage": _option_usage,
        "MissingParameter": _missing,
        "BadParameter": _bad_value,
        "Unfit": _bad_value,
        "UsageError": _usage,
    }
    say = told.get(type(error).__name__)
    what = say(error, typed) if say is not None else ""
    english = error.en if isinstance(error, Unfit) else " ".join(error.format_message().split()).rstrip(".")
    english = _printable(english, _MOST_ENGLISH)
    return HutongError(
        "COMMAND_MISUSED", what=what or english, what_en=english, command=_path(getattr(error, "ctx", None), typed)
    )


def _path(context: Any, typed: Sequence[str]) -> str:
    """The command as far as it was understood; some mistakes are found before Typer knows where it is."""
    if context is not None:
        return cast("str", context.command_path)
    words = []
    for each in typed:
        if each.startswith("-"):
            break
        words.append(_printable(each))
    return " ".join(["hutong", *words[:2]])


def _unknown_option(error: Any, typed: Sequence[str]) -> str:
    return f"没有选项 {_printable(error.option_name)}" + _perhaps(sorted(error.possibilities or ()))


def _option_usage(error: Any, typed: Sequence[str]) -> str:
    if "does not take a value" in error.message:
        return f"选项 {error.option_name} 后面不带值"
    return f"选项 {error.option_name} 后面还要写一个值"


def _missing(error: Any, typed: Sequence[str]) -> str:
    _, _, choices = error.format_message().partition("Choose from:")
    wanted = f"，可写 {'、'.join(each.strip() for each in choices.split(','))}" if choices else ""
    return f"还缺{_called(error.param, typed)}{wanted}"


def _bad_value(error: Any, typed: Sequence[str]) -> str:
    """A value that its option or argument does not take; a sentence of our own command stands as it was written."""
    if error.param is None:
        return cast("str", error.message)
    value, rule = "", ""
    if path := _PATH.match(error.message):
        value, rule = path[1], _PATHS[path[2]]
    elif isinstance(error.__cause__, ValidationError):
        first = error.__cause__.errors(include_url=False)[0]
        value, rule = str(first["input"]), _RULES.get(first["type"], "").format(**first.get("ctx", {}))
    if chosen := _CHOICES.search(error.message):
        rule = f"不行，可写 {_listed(chosen[1])}"
    called = _called(error.param, typed)
    return f"{called}{'' if called.endswith('”') else ' '}的值“{_printable(value)}”{rule or '不合要求'}"


def _usage(error: Any, typed: Sequence[str]) -> str:
    if error.message.startswith("No such command"):
        named = re.search(r"'(.*?)'", error.message)
        likely = _LIKELY.search(error.message)
        return f"没有命令 {named[1] if named else ''}" + _perhaps(_listed(likely[1]).split("、") if likely else ())
    if error.message.startswith("Got unexpected extra"):
        _, _, extra = error.message.partition("argument(s) ")
        return f"多了参数 {_printable(extra.strip('()'))}"
    if error.message.startswith("Missing command"):
        return "还没有写要做的命令"
    return ""


def _called(parameter: Any, typed: Sequence[str]) -> str:
    """The option in the spelling that was typed, else its first; an argument by the name its help has."""
    if parameter.param_type_name != "option":
        return f"参数“{parameter.display_name_raw}”"
    names = parameter.opts
    return f"选项 {next((name for name in names if any(_is(name, each) for each in typed)), names[0])}"


def _is(name: str, typed: str) -> bool:
    is_long = name.startswith("--")
    return typed == name or (typed.startswith(f"{name}=") if is_long else typed[:2] == name)


def _perhaps(names: Sequence[str]) -> str:
    return f"，是不是 {'、'.join(names)}？" if names else ""


def _listed(quoted: str) -> str:
    """'a', 'b' as a、b."""
    return "、".join(re.findall(r"'(.*?)'", quoted))


def _printable(text: str, most: int = _MOST_SHOWN) -> str:
    """On one line, nothing that a terminal would obey, and not a page of it."""
    shown = "".join(each if each.isprintable() else "?" for each in text)
    return shown if len(shown) <= most else f"{shown[:most]}…"
