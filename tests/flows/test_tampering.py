"""One altered target cell, one altered audit entry: the report says so, and says so no more when it is put back."""

from pathlib import Path

from tests.flows.conftest import City


def test_one_altered_cell_turns_reconciled_false(city: City, tmp_path: Path) -> None:
    with city.database("dept_shuiwu") as cursor:
        cursor.execute("SELECT uscc, org_name FROM shared.shichang_legal_person ORDER BY uscc LIMIT 1")
        uscc, name = cursor.fetchone()
        cursor.execute("UPDATE shared.shichang_legal_person SET org_name = %s WHERE uscc = %s", (name + "。", uscc))
    try:
        report = city.verify(tmp_path)
        unequal = [batch["resource"] for batch in report["batches"] if not batch["is_equal"]]
        assert (report["reconciled"], unequal) == (False, ["法人登记基本信息"])
        assert report["audit"]["verified"] is True
    finally:
        with city.database("dept_shuiwu") as cursor:
            cursor.execute("UPDATE shared.shichang_legal_person SET org_name = %s WHERE uscc = %s", (name, uscc))
    assert city.verify(tmp_path)["reconciled"] is True


def test_one_row_too_many_or_too_few_turns_reconciled_false(city: City, tmp_path: Path) -> None:
    with city.database("dept_zhujian") as cursor:
        cursor.execute(
            "DELETE FROM shared.ziran_place WHERE place_code = (SELECT min(place_code) FROM shared.ziran_place)"
            " RETURNING *"
        )
        row = cursor.fetchone()
    try:
        assert city.verify(tmp_path)["reconciled"] is False
    finally:
        with city.database("dept_zhujian") as cursor:
            marks = ", ".join(["%s"] * len(row))
            cursor.execute(f"INSERT INTO shared.ziran_place VALUES ({marks})", row)
    assert city.verify(tmp_path)["reconciled"] is True


def test_one_altered_audit_entry_turns_verified_false(city: City, tmp_path: Path) -> None:
    """Only somebody above the application can do this; the signed checkpoints show it all the same."""
    with city.database("directory", role="postgres") as cursor:
        cursor.execute("SELECT idx, bytes FROM audit_log ORDER BY idx OFFSET 20 LIMIT 1")
        place, original = cursor.fetchone()
        original = bytes(original)
        changed = original.replace(b'"outcome":"done"', b'"outcome":"gone"')
        assert changed != original
        cursor.execute("UPDATE audit_log SET bytes = %s WHERE idx = %s", (changed, place))
    try:
        report = city.verify(tmp_path)
        assert report["audit"]["verified"] is False
        assert report["reconciled"] is True
        live = city.hutong("audit", "verify", "--live", check=False)
        assert live.returncode != 0
    finally:
        with city.database("directory", role="postgres") as cursor:
            cursor.execute("UPDATE audit_log SET bytes = %s WHERE idx = %s", (original, place))
    assert city.verify(tmp_path)["audit"]["verified"] is True
    assert city.hutong("audit", "verify", "--live").returncode == 0


def test_evidence_is_verified_without_the_system(city: City, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    city.hutong("audit", "export", "--out", str(folder))
    assert city.hutong("audit", "verify", str(folder)).returncode == 0
    entries = (folder / "entries.jsonl").read_text().splitlines(keepends=True)
    entries[5], entries[6] = entries[6], entries[5]
    (folder / "entries.jsonl").write_text("".join(entries))
    assert city.hutong("audit", "verify", str(folder), check=False).returncode != 0
