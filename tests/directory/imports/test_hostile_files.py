"""Files that are not what they say, by the page and by the API: refused by name, soon, and nothing of them stays."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from directory.db import Base

BAD_INPUT = Path(__file__).parents[4] / "shared/data/bad_input"
SECONDS = 2.0
READABLE = {
    "enc_gb18030_rare.csv",
    "enc_gbk_lossy.csv",
    "enc_utf16le_bom.csv",
    "enc_utf8_bom.csv",
    "xlsx_valid_minimal.xlsx",
}
# What a person could still make sense of by saying what the columns are: kept as an import, refused as it stands.
MAPPABLE = {
    "csv_dup_and_blank_headers.csv": "HEADERS_UNKNOWN",
    "csv_formula_cells.csv": "HEADERS_UNKNOWN",
    "csv_ragged_rows.csv": "HEADERS_UNKNOWN",
}
UNCOUNTED = {"login_session", "audit_out", "audit_log", "audit_checkpoint", "search_change"}


def files() -> list[str]:
    return sorted(path.name for path in BAD_INPUT.iterdir()) if BAD_INPUT.exists() else ["absent"]


def content(app: Any) -> dict[str, int]:
    with app.state.sessions() as session:
        tables = [each for each in Base.metadata.sorted_tables if each.name not in UNCOUNTED]
        return {each.name: session.scalar(select(func.count()).select_from(each)) or 0 for each in tables}


@pytest.mark.parametrize("name", files())
def test_every_bad_file_by_every_door(name: str, office: Any, city: Any, directory_app: Any) -> None:
    if name == "absent":
        pytest.skip(f"{BAD_INPUT} is not here; test_pages and tests/flows make files of their own")
    data = (BAD_INPUT / name).read_bytes()
    browser = city.browser(office.actor.username)
    token = re.search(r'name="csrf_token" value="([0-9a-f]+)"', browser.get("/imports").text)
    assert token
    before = content(directory_app)
    doors = (
        lambda: office.client.post("/api/v1/resources/import", files={"file": (name, data)}, data={"dry_run": "true"}),
        lambda: office.client.post("/api/v1/imports", files={"file": (name, data)}),
        lambda: browser.client.post(
            "/imports",
            files={"file": (name, data)},
            data={"csrf_token": token[1]},
            headers={"accept": "text/html"},
        ),
    )
    for number, door in enumerate(doors):
        began = time.process_time()
        answer = door()
        assert time.process_time() - began < SECONDS
        assert answer.status_code < 500
        if name in READABLE or (number and name in MAPPABLE):
            assert answer.status_code in {200, 201, 303}, answer.text
        elif number or answer.status_code != 200:  # a trial may say that there would be nothing to import
            assert 400 <= answer.status_code < 500, answer.text
            assert "下一步" in answer.text or "next_step" in answer.text or "<code>" in answer.text
            assert "Traceback" not in answer.text
    if name in MAPPABLE:
        made = office.client.get("/api/v1/imports").json()[0]["id"]
        refused = office.client.post(f"/api/v1/imports/{made}/mapping", json={})
        assert refused.json()["code"] == MAPPABLE[name]
    after = content(directory_app)
    if name in READABLE | set(MAPPABLE):
        after |= {table: before[table] for table in ("catalogue_import", "import_file")}
    assert after == before
