"""``hutong bench``: the benchmarks of the checkout, one file each in ``benchmarks/``."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from hutong.console import emit, say, tell
from hutong.errors import HutongError

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


def benchmarks(folder: Path) -> dict[str, Path]:
    """The benchmark files by name; those that begin with an underscore are what they share."""
    if not folder.is_dir():
        raise HutongError("FOLDER_MISSING", path=folder, remedy="基准测试只在源代码目录中提供，请在检出的目录里运行。")
    return {path.stem: path for path in sorted(folder.glob("*.py")) if not path.stem.startswith("_")}


def command(
    name: Annotated[str, typer.Argument(metavar="名称", help="只运行这一个。")] = "",
    is_list: Annotated[bool, typer.Option("--list", help="只列出名称。")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="与 --list 同用：输出一个 JSON 对象。")] = False,
) -> None:
    """运行基准测试，结果以比值表示。"""
    found = benchmarks(FOLDER)
    if name and name not in found:
        raise HutongError("BENCHMARK_UNKNOWN", name=name, known=list(found) or "-")
    if is_list:
        about = {
            stem: (ast.get_docstring(ast.parse(path.read_text())) or "-").splitlines()[0]
            for stem, path in found.items()
        }
        if as_json:
            emit({"benchmarks": about})
        else:
            for stem, line in about.items():
                say(f"{stem}  {line}")
        return
    for stem in [name] if name else list(found):
        tell(f"== {stem}")
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{stem}"], cwd=FOLDER.parent, check=False)
        if done.returncode != 0:
            raise HutongError("BENCHMARK_FAILED", name=stem, status=done.returncode)
