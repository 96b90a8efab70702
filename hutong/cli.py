"""The ``hutong`` command: one file a command group in ``hutong/commands``, mounted by its name.

A group file has ``app: typer.Typer``, a file that is one command has a function ``command``; ``listing.LINES`` names
them all. Only the file that is asked for is imported, so that ``hutong db url`` need not wait for a web framework.
"""

import gc
import signal
import sys
from collections.abc import Collection
from importlib import import_module
from importlib.metadata import version
from types import ModuleType
from typing import Annotated, Final, NoReturn

import httpx
import psycopg2
import typer
from psycopg2.errors import UndefinedColumn, UndefinedTable
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError, ProgrammingError

from hutong.console import complain, complain_in_columns, say, tell
from hutong.errors import HutongError
from hutong.help_pages import HelpedGroup, in_chinese
from hutong.listing import LINES
from hutong.misuse import misuse
from standards.errors import ExplainedError
from standards.reasons import network_words, system_words

INTERRUPTED = 130  # 128 + SIGINT, as shells say it
TERMINATED = 143  # 128 + SIGTERM
_STOPPED: Final = "已按 Ctrl-C 停止（stopped）：办完的已经保存，正在办的一步没有保存；可以重新运行。"
ALLOCATIONS = 50_000  # between looks for what only refers to itself; Python's 700 cost a sixth of reading a workbook


def build(named: Collection[str]) -> typer.Typer:
    """The application with the groups and commands that are ``named``; of the others only their lines in its help."""
    root = typer.Typer(
        name="hutong",
        help="Hutong 互通：政务信息资源目录与数据交换。",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    root.callback(cls=HelpedGroup)(_root)
    for name, line in LINES.items():
        module = _module(f"hutong.commands.{name}") if name in named else None
        if module is None:
            root.command(name, help=line)(_listed)
        elif hasattr(module, "app"):
            root.add_typer(module.app, name=name, no_args_is_help=True)
        else:
            root.command(name)(module.command)
    in_chinese(root)
    return root


def _module(name: str) -> ModuleType:
    """Imported, without stopping to look for what could be freed: that takes a third of the time and finds little."""
    if name not in sys.modules:
        gc.disable()
        import_module(name)
        gc.freeze()  # nor is it looked through afterwards: it stays
        gc.enable()
    return sys.modules[name]


def _listed() -> None:
    """Stands for a command that is only listed: whichever is typed first is loaded, so nobody runs this."""


def _show_version(is_asked: bool) -> None:
    if is_asked:
        say(f"hutong {version('hutong')}")
        raise typer.Exit


def _root(
    is_version: Annotated[
        bool, typer.Option("--version", help="显示版本号。", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Hutong 互通：政务信息资源目录与数据交换。"""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 refused with its reason on stderr, 2 misused, 130 stopped by Ctrl-C."""
    given = sys.argv[1:] if arguments is None else arguments
    wanted = next((each for each in given if each in LINES), "")
    gc.set_threshold(ALLOCATIONS)
    signal.signal(signal.SIGTERM, _terminate)
    try:
        status = build([wanted])(given, prog_name="hutong", standalone_mode=False) or 0
        if status == INTERRUPTED:  # Typer makes this status of a Ctrl-C, and says nothing
            tell(_STOPPED)
        sys.exit(status)
    except (typer.TyperException, typer.Abort) as error:
        _stop(error, given)
    except ExplainedError as error:
        _refuse(_of_database(error))
    except (OperationalError, psycopg2.OperationalError) as error:
        _refuse(_unreachable(getattr(error, "orig", error)))
    except ProgrammingError as error:
        if not isinstance(error.orig, (UndefinedTable, UndefinedColumn)):
            raise
        _refuse(HutongError("DATABASE_BEHIND", **network_words(error.orig)))
    except httpx.TransportError as error:
        url = error.request.url.copy_with(userinfo=b"", query=None)
        _refuse(HutongError("SERVER_UNREACHABLE", url=url, **network_words(error)))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = f"{error.title} {'.'.join(map(str, first['loc']))}"
        _refuse(HutongError("SETTING_BAD", name=name, reason=first["msg"]))
    except UnicodeEncodeError:  # bytes that are no UTF-8 came in as halves of pairs, which nothing can store
        _refuse(HutongError("ARGUMENT_BAD", what="不是 UTF-8 文字", what_en="not UTF-8 text"))
    except BrokenPipeError:
        sys.stderr.close()  # the reader of a pipe has left; the interpreter must not complain about it while exiting
        sys.exit(1)
    except KeyboardInterrupt:
        tell(_STOPPED)
        sys.exit(INTERRUPTED)
    except OSError as error:
        _refuse(HutongError("SYSTEM_REFUSED", path=error.filename or "-", **system_words(error)))


def _of_database(error: ExplainedError) -> ExplainedError:
    """With why the database is away, which a program is not told and an operator needs."""
    cause = error.__context__
    is_away = error.code == "DATABASE_AWAY" and isinstance(cause, psycopg2.OperationalError)
    return _unreachable(cause) if is_away and cause is not None else error


def _unreachable(error: BaseException) -> HutongError:
    return HutongError("DATABASE_UNREACHABLE", **network_words(error))


def _terminate(*_: object) -> NoReturn:
    """Leave through every ``finally``, so that servers and databases that were started are stopped."""
    sys.exit(TERMINATED)


def _stop(error: typer.TyperException | typer.Abort, typed: list[str]) -> NoReturn:
    """Leave what was typed wrong, or a question that nobody answered."""
    if isinstance(error, typer.Abort):
        tell("已取消（aborted）")
        sys.exit(1)
    if type(error).__name__ == "NoArgsIsHelpError":  # a group alone asks what there is, and its help has been printed
        sys.exit(0)
    complain_in_columns(misuse(error, typed))
    sys.exit(error.exit_code)


def _refuse(error: ExplainedError) -> NoReturn:
    complain(error)
    sys.exit(1)
