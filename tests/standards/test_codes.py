"""The data that travel with the code: digests hold, tables answer, uncertain sources only warn."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import standards
from standards import catalogue
from standards.codes import is_table, rows, table
from standards.errors import StandardsError

IDS = sorted({entry.standard_id for entry in catalogue.standards().values()})


@pytest.mark.parametrize("standard_id", IDS)
def test_every_file_has_its_recorded_digest_and_a_source(standard_id):
    assert catalogue.read(standard_id)
    entry = catalogue.find(standard_id)
    assert entry.source
    assert entry.certainty in {"found", "recalled", "uncertain", "own"}


@pytest.mark.parametrize("standard_id", [name for name in IDS if is_table(name)])
def test_code_table_loads_and_labels_every_code(standard_id):
    codes = table(standard_id)
    assert len(codes.codes) == len(rows(standard_id)), "a code stands twice"
    for code, entry in codes.codes.items():
        assert codes.label(code) == entry.label != ""
        assert codes.fix(code) == code


@pytest.mark.parametrize(
    "name", ["gbt2261-2-marital", "gbt4658-education", "gbt20091-2006-org-type", "guide2017-class"]
)
def test_parent_is_a_code_of_the_table(name):
    codes = table(name).codes
    parents = {entry.parent for entry in codes.values() if entry.parent}
    assert parents
    assert parents <= set(codes)


def test_every_row_says_how_certain_it_is():
    for standard_id in IDS:
        if catalogue.find(standard_id).path.suffix == ".csv":
            certainties = {row["certainty"] for row in rows(standard_id)}
            assert certainties <= {"found", "recalled", "uncertain", "proposal"}, standard_id


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("gbt3304-ethnicity", 58),
        ("gbt21063-4-themes", 154),
        ("gb32100-uscc-category", 39),
        ("gbt2260-provinces", 34),
        ("gbt4754-2017-sections", 20),
        ("guide2017-item-type", 11),
        ("regulation2025-deadlines", 6),
        ("regulation2025-articles", 34),
        ("regulation2025-violations", 19),
        ("gbt21063-3-core-metadata", 23),
    ],
)
def test_table_has_all_its_rows(name, count):
    assert len(rows(name)) == count


def test_alias_leads_to_the_table():
    assert table("GB/T 3304").codes == table("gbt3304-ethnicity").codes


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("gbt3304-ethnicity", "毛难族", "36"),
        ("gbt3304-ethnicity", "1", "01"),
        ("gbt3304-ethnicity", "０１", "01"),
        ("guide2017-share-type", "有条件共享", "conditional"),
        ("guide2017-update-cycle", " 每日 ", "daily"),
        ("gbt21063-4-themes", "税务", "财政/税务"),
        ("gbt21063-4-themes", "财政", "财政"),
        ("gbt2261-1-sex", "男", None),
    ],
)
def test_fix_knows_labels_and_other_spellings(name, text, code):
    assert table(name).fix(text) == code


def test_unlisted_code_is_an_error_and_is_named():
    finding = table("gbt2261-1-sex").check("7", "items[0]")
    assert finding is not None
    assert (finding.severity, finding.path, finding.rule) == ("error", "items[0]", "code.gbt2261-1-sex")
    assert "7" in finding.zh


@pytest.mark.parametrize(("name", "code"), [("gb32100-uscc-category", "54"), ("gb32100-uscc-category", "88")])
def test_uncertain_source_only_warns(name, code):
    finding = table(name).check(code, "x")
    assert finding is not None
    assert finding.severity == "warning"


def test_listed_code_has_no_finding():
    assert table("gbt3304-ethnicity").check("01", "x") is None


def test_unknown_name_is_an_error_of_ours():
    for name in ("no-such", "gbt21063-3-core-metadata", "../crypto"):
        with pytest.raises(StandardsError) as caught:
            table(name)
        assert caught.value.code == "UNKNOWN_STANDARD"


def test_altered_file_is_refused(tmp_path):
    """In a copy of the package, as an installation where somebody edited a table."""
    package = Path(standards.__file__).parent
    copied = tmp_path / package.name
    shutil.copytree(package, copied, ignore=shutil.ignore_patterns("__pycache__"))
    with (copied / catalogue.find("gbt2261-1-sex").path.relative_to(package)).open("ab") as file:
        file.write(b"3,x,found\n")
    code = """
from standards import catalogue
from standards.errors import StandardsError

catalogue.read("gbt3304-ethnicity")
try:
    catalogue.read("gbt2261-1-sex")
except StandardsError as error:
    print(error.code)
"""
    command = [sys.executable, "-c", code]
    environment = {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("STANDARD_ALTERED\n", "")


def test_deadlines_of_the_regulation():
    days = {row["id"]: (row["limit_days"], row["extension_days"]) for row in rows("regulation2025-deadlines")}
    assert days["REPLY_UNCONDITIONAL"] == ("1", "10")
    assert days["REPLY_CONDITIONAL"] == ("10", "10")
    assert days["PROVIDE"] == ("20", "0")
