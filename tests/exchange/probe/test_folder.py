"""File and folder mounts: only what lies below the served folder, by no side way."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from exchange.node import Node
from exchange.probe.run import probe
from metadata.probe import Probe, ProbeTask
from tests.exchange.probe.conftest import task

Look = Callable[[ProbeTask], Probe]
ITEMS = {"gmsfhm": "公民身份号码", "xm": "姓名"}


def test_a_csv_is_known_by_its_header(look: Look, served: Path) -> None:
    place = served / "月报"
    place.mkdir()
    for name, text, encoding in [
        ("a.csv", "gmsfhm,xm\n1,王小明\n", "utf-8-sig"),
        ("b.csv", "公民身份号码,姓名\n1,王小明\n", "gb18030"),
        ("c.csv", "公民身份号码\txm\n", "utf-8"),
    ]:
        (place / name).write_text(text, encoding)
        seen = look(task("file", ITEMS, path=f"月报/{name}"))
        assert (seen.is_reachable, seen.is_matching, seen.mismatches) == (True, True, ()), name
        assert (seen.changed_by, seen.size_bytes) == ("file_time", len(text.encode(encoding)))
        assert "王小明" not in seen.to_bytes().decode()


def test_a_header_that_differs(look: Look, served: Path) -> None:
    (served / "a.csv").write_text("姓名,性别\n")
    seen = look(task("file", ITEMS, path="a.csv"))
    assert (seen.is_matching, [(each.kind, each.column) for each in seen.mismatches]) == (
        False,
        [("missing", "gmsfhm"), ("extra", "性别")],
    )


def test_a_workbook_is_known_by_its_header(look: Look, served: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["公民身份号码", "姓名"])
    book.active.append(["1", "王小明"])
    book.save(served / "a.xlsx")
    assert look(task("file", ITEMS, path="a.xlsx")).is_matching
    (served / "bad.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    bad = look(task("file", ITEMS, path="bad.xlsx"))
    assert (bad.is_reachable, bad.problem) == (False, "MOUNT_UNREADABLE")


def test_formats_without_a_header_have_nothing_to_compare(look: Look, served: Path) -> None:
    (served / "报告.pdf").write_bytes(b"%PDF")
    os.utime(served / "报告.pdf", (1_700_000_000, 1_700_000_000))
    seen = look(task("file", ITEMS, path="报告.pdf"))
    assert (seen.is_matching, seen.last_changed_at) == (True, datetime.fromtimestamp(1_700_000_000, UTC))


def test_a_folder_is_as_new_as_its_newest_file(look: Look, served: Path) -> None:
    folder = served / "影像"
    folder.mkdir()
    (folder / "1.tif").write_bytes(b"x" * 10)
    (folder / "2.tif").write_bytes(b"x" * 20)
    os.utime(folder / "2.tif", (4_000_000_000, 4_000_000_000))
    (folder / "link").symlink_to("/etc/passwd")
    seen = look(task("folder", ITEMS, path="影像"))
    assert (seen.is_matching, seen.size_bytes, seen.last_changed_at) == (
        True,
        30,
        datetime.fromtimestamp(4_000_000_000, UTC),
    )


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../secret.csv",
        "a/../../secret.csv",
        "..",
        "",
        ".",
        "C:\\secret.csv",
        "a\\..\\b",
        "link.csv",
        "up/secret.csv",
    ],
)
def test_nothing_outside_is_touched(look: Look, served: Path, path: str) -> None:
    (served.parent / "secret.csv").write_text("gmsfhm,xm\n")
    (served / "link.csv").symlink_to(served.parent / "secret.csv")
    (served / "up").symlink_to(served.parent)
    (served / "a").mkdir()
    seen = look(task("file", ITEMS, path=path))
    assert (seen.is_reachable, seen.size_bytes, seen.problem) == (False, None, "PATH_OUTSIDE"), seen


def test_what_is_no_file(look: Look, served: Path) -> None:
    (served / "folder").mkdir()
    os.mkfifo(served / "pipe.csv")
    (served / "empty.csv").touch()
    (served / "zero.csv").write_bytes(b"\0\0\xff\xfe")
    problems = {
        path: look(task(kind, ITEMS, path=path)).problem
        for path, kind in (
            ("folder", "file"),
            ("pipe.csv", "file"),
            ("empty.csv", "folder"),
            ("missing.csv", "file"),
            ("empty.csv/x", "file"),
            ("x" * 900, "file"),
        )
    }
    assert problems == {
        "folder": "MOUNT_UNREADABLE",
        "pipe.csv": "MOUNT_UNREADABLE",
        "empty.csv": "MOUNT_UNREADABLE",
        "missing.csv": "MOUNT_GONE",
        "empty.csv/x": "MOUNT_GONE",
        "x" * 900: "MOUNT_UNREADABLE",
    }
    for path in ("empty.csv", "zero.csv"):
        seen = look(task("file", ITEMS, path=path))
        assert (seen.is_reachable, seen.is_matching) == (True, False)


def test_a_node_that_serves_no_folder(node: Node) -> None:
    node.settings = node.settings.model_copy(update={"served_folder": ""})
    assert probe(node, task("file", ITEMS, path="a.csv")).problem == "SERVED_FOLDER_MISSING"
