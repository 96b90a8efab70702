"""The English of every error is English: what a call puts into it is no Chinese word, but somebody's own text.

Every call in the house that makes an error is read, with the table its sentence stands in. A value may be Chinese where
it is a name, a title or what somebody typed; a word of the house's own has its English beside it (``reason_en``).
"""

import ast
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from directory.errors import DirectoryError
from exchange.errors import ExchangeError
from hutong.errors import HutongError
from metadata.errors import MetadataError
from pipelines.errors import PipelinesError
from standards.errors import ExplainedError, Explanation, StandardsError

ROOT: Final = Path(__file__).parent.parent
ERRORS: Final[Mapping[str, type[ExplainedError]]] = {
    each.__name__: each
    for each in (DirectoryError, ExchangeError, HutongError, MetadataError, PipelinesError, StandardsError)
}
DEPTH: Final = 4
"""How many assignments and calls are followed back."""
CJK: Final = re.compile(r"[\u3001-\u303f\u3400-\u9fff\uff01-\uff65]")
CHINESE_NAMES: Final = re.compile(r"^[A-Z_]*(NAMES|STATES|STATUSES|LABELS|ARGUMENTS|LEVELS|acts|states)$")
"""What tables of Chinese words are called."""
CHINESE_MEMBERS: Final = frozenset({"zh", "label", "reason_zh", "in_words"})


OWN_TEXTS: Final = frozenset({"new.label", "edit.label"})
"""What is called so and is somebody's own text."""


@dataclass(frozen=True)
class Site:
    """One call that makes an error, in the function it stands in."""

    path: Path
    module: ast.Module
    function: ast.AST | None
    call: ast.Call
    explanation: Explanation

    @property
    def values(self) -> Mapping[str, ast.expr]:
        """The values by name; those unpacked from elsewhere are not seen."""
        return {each.arg: each.value for each in self.call.keywords if each.arg}


@cache
def modules() -> Sequence[tuple[Path, ast.Module]]:
    return [
        (path, ast.parse(path.read_text("utf-8")))
        for package in ("standards", "metadata", "directory", "exchange", "pipelines", "hutong")
        for path in sorted((ROOT / package).rglob("*.py"))
    ]


def _sites(path: Path, module: ast.Module) -> Iterator[Site]:
    functions = [each for each in ast.walk(module) if isinstance(each, ast.FunctionDef)]
    for call in ast.walk(module):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ERRORS):
            continue
        around = [each for each in functions if each.lineno <= call.lineno <= (each.end_lineno or 0)]
        if call.args and isinstance(code := call.args[0], ast.Constant):
            yield Site(
                path, module, around[-1] if around else None, call, ERRORS[call.func.id].explanations[code.value]
            )


@cache
def answers() -> Mapping[str, Sequence[ast.expr]]:
    """What the house's functions give back that say something, by their names."""
    found: dict[str, list[ast.expr]] = {}
    for _, module in modules():
        for each in ast.walk(module):
            if isinstance(each, ast.FunctionDef) and each.returns is not None and ast.unparse(each.returns) == "str":
                said = [inner.value for inner in ast.walk(each) if isinstance(inner, ast.Return) and inner.value]
                found.setdefault(each.name, []).extend(said)
    return found


def _placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _chinese(site: Site, value: ast.expr, *, depth: int = 0) -> Iterator[str]:
    """What of an expression is Chinese, or may be as far as can be seen."""
    picked = {id(part) for each in ast.walk(value) if isinstance(each, ast.comprehension) for part in _within(each.ifs)}
    for each in ast.walk(value):
        if id(each) in picked:  # what only picks among values is not said
            continue
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and CJK.search(each.value):
            yield f"“{each.value}”"
        elif _is_table_word(each) or (isinstance(each, ast.Attribute) and each.attr in CHINESE_MEMBERS):
            if ast.unparse(each) in OWN_TEXTS:
                continue
            yield ast.unparse(each)
        elif isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and depth < DEPTH:
            for said in answers().get(each.func.id, ()):
                yield from _chinese(site, said, depth=DEPTH)
        elif isinstance(each, ast.Name) and depth < DEPTH and site.function is not None:
            for source in _sources(site, each.id):
                yield from _chinese(site, source, depth=depth + 1)


def _within(found: Sequence[ast.expr]) -> Iterator[ast.AST]:
    return (part for each in found for part in ast.walk(each))


def _is_table_word(each: ast.AST) -> bool:
    return isinstance(each, ast.Subscript) and bool(CHINESE_NAMES.match(ast.unparse(each.value).rpartition(".")[2]))


def _sources(site: Site, name: str) -> Iterator[ast.expr]:
    """What is assigned to a name in the function, or given for it by the module's own calls of the function."""
    function = site.function
    assert isinstance(function, ast.FunctionDef)
    for each in ast.walk(function):
        if isinstance(each, ast.Assign) and any(isinstance(to, ast.Name) and to.id == name for to in each.targets):
            yield each.value
    parameters = [each.arg for each in function.args.args]
    for call in ast.walk(site.module) if name in parameters else ():
        if not isinstance(call, ast.Call) or ast.unparse(call.func).rpartition(".")[2] != function.name:
            continue
        yield from (each.value for each in call.keywords if each.arg == name)
        place = parameters.index(name) - (parameters[:1] in (["self"], ["cls"]))
        if 0 <= place < len(call.args):
            yield call.args[place]


def test_no_call_puts_chinese_words_into_the_english_sentence() -> None:
    found = []
    for site in (site for each in modules() for site in _sites(*each)):
        values = site.values
        for name in sorted(_placeholders(site.explanation.en) & values.keys()):
            said = values.get(f"{name}_en", values[name])
            for words in dict.fromkeys(_chinese(site, said)):
                where = f"{site.path.relative_to(ROOT)}:{site.call.lineno}"
                found.append(f"{where} {ast.unparse(site.call.args[0])} {name}: {words}")
    assert not found, "\n".join([str(len(found)), *found])
