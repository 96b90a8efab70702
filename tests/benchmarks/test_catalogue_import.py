"""The benchmark of imports in small: a workbook goes through both sides, and each bar says whether it is met."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.orm import sessionmaker

from benchmarks._catalogue_bars import MIB, Imported, bars
from benchmarks._catalogue_stage import REVIEWER, Product, bare
from benchmarks._catalogue_workbook import DEPARTMENTS, HEADER, department, workbook
from directory.accounts.register import add_account
from directory.db import make_engine
from directory.migrate import migrate
from directory.organisations.register import add_organisation
from directory.roles import Role
from directory.settings import DirectorySettings

DONE = Imported(
    shape="a row an entry",
    rows=10_000,
    file_bytes=1_300_000,
    seconds={"upload": 2.0, "read": 4.0, "repair": 9.0, "read again": 4.0, "take as drafts": 9.0},
    bare_seconds={"openpyxl": 2.5, "COPY": 0.5},
    processor_seconds={},
    peak_bytes=499 * MIB,
    bare_peak_bytes=100 * MIB,
)


def test_every_row_becomes_an_entry(new_database: Callable[[], str], tmp_path: Path) -> None:
    assert len(HEADER) == len(set(HEADER)) == 30
    file, url = tmp_path / "目录.xlsx", make_url(new_database()).render_as_string(hide_password=False)
    file.write_bytes(workbook(40, 2))
    migrate(DirectorySettings(home=tmp_path, database_url=url))
    engine = make_engine(url)
    with sessionmaker(engine).begin() as session:
        for number in range(DEPARTMENTS + 1):
            name, code = department(number)
            add_organisation(session, code=code, name=name, prefix=f"{33100 + number}", is_office=number == DEPARTMENTS)
        person = {"display_name": REVIEWER, "org_code": code, "password": "benchmark-2026-密码"}
        add_account(session, username=REVIEWER, **person, roles=(Role.OFFICE_REVIEWER,))
    engine.dispose()
    assert set(bare(file, url)["seconds"]) == {"openpyxl", "COPY"}
    done = Product(file, url, tmp_path).run()
    assert (done["added"], done["refused_count"], done["repaired"]) == (20, 0, 1)
    stages = ["upload", "read", "diagnose", "compare", "repair", "read again", "diagnose again", "compare again"]
    assert list(done["seconds"]) == list(done["processor_seconds"]) == [*stages, "take as drafts"]


def test_bars() -> None:
    assert (DONE.whole, DONE.bare, DONE.repairing) == (15.0, 3.0, ("repair", "read again"))
    assert [str(each) for each in bars([DONE])] == [
        "PASS 10,000 rows, a row an entry: seconds of the whole import 15.0, at most 20",
        "PASS 10,000 rows, a row an entry: MiB at the most 499.0, at most 500",
    ]
    slow = replace(DONE, seconds={"upload": 20.1}, peak_bytes=501 * MIB)
    assert [each.is_met for each in bars([slow, replace(slow, rows=10_001)])] == [False, False]
