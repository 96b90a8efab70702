"""The fault matrix is whole: each of F01-F60 has one test, here or where this table says."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]

# A case whose test stands beside others of its subject.
ELSEWHERE = {
    "F33": "tests/exchange/keys/test_rotate.py::test_a_batch_for_a_destroyed_key_is_sealed_anew",
    "F55": "tests/directory/audit/test_growth.py::test_f55_the_sequencer_dies_between_move_and_checkpoint",
}


def _tests(path: Path) -> dict[str, str]:
    """Test functions of a file with their docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    return {node.name: ast.get_docstring(node) or "" for node in found}


def test_every_case_has_its_test() -> None:
    here = {name: said for path in HERE.glob("test_*.py") for name, said in _tests(path).items()}
    cases = [f"F{match[1]}" for name in here if (match := re.match(r"test_f(\d\d)_", name))]
    assert sorted([*cases, *ELSEWHERE]) == [f"F{number:02d}" for number in range(1, 61)]
    assert all(said for name, said in here.items() if re.match(r"test_f\d\d_", name))
    for place in ELSEWHERE.values():
        path, _, name = place.partition("::")
        assert name in _tests(ROOT / path)
