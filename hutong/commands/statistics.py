"""``hutong statistics``: months and years of departments, shown or written as xlsx or docx."""

from pathlib import Path
from typing import Annotated

import typer

from directory.statistics import files
from directory.statistics.api import PeriodShown, asked
from directory.statistics.definitions import NUMBERS, RATES
from hutong.acting import AsJson, AsReader, looking
from hutong.console import emit, say, tell
from hutong.errors import HutongError
from hutong.files import write_bytes

_SUFFIXES = (".xlsx", ".docx")


def command(
    period: Annotated[str, typer.Argument(metavar="时期", help="年或月，如 2026 或 2026-03；不写为今年。")] = "",
    org: Annotated[str, typer.Option(help="只看一个部门（统一社会信用代码）。")] = "",
    out: Annotated[Path | None, typer.Option(help="写成文件，.xlsx 或 .docx。")] = None,
    as_user: AsReader = "",
    as_json: AsJson = False,
) -> None:
    """各部门按月、按年编目、挂接、答复、交付的统计；过完的月份不再变化。"""
    if out is not None and out.suffix not in _SUFFIXES:
        what = f"--out 的文件名须以 {' 或 '.join(_SUFFIXES)} 结尾"
        raise HutongError("ARGUMENT_BAD", what=what, what_en=f"--out ends with {' or '.join(_SUFFIXES)}")
    with looking(as_user) as work:
        whole, months = asked(work.session, work.actor, period or str(work.today.year), work.now, org)
        city = work.settings.city_name
    if out is not None:
        write_bytes(out, files.document(city, whole) if out.suffix == ".docx" else files.workbook(whole, months))
        tell(f"已写出 {whole.label} 的统计：{out}")
        return
    shown = PeriodShown.of(whole)
    if as_json:
        emit(
            shown.model_dump(mode="json")
            | {"months": [PeriodShown.of(each).model_dump(mode="json") for each in months]}
        )
        return
    say("\t".join(("部门", *(each.label for each in NUMBERS.values()), *(label for label, _, _ in RATES.values()))))
    for each in (*shown.departments, shown.together):
        rates = ("–" if rate is None else f"{rate:.1f}%" for rate in each.rates.values())
        say("\t".join((each.name, *(str(each.numbers[name]) for name in NUMBERS), *rates)))
    tell("已固定" if whole.is_over else "尚未结束")
