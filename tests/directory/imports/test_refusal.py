"""What a refused import says: how much of it is fine, what is in the way, and what each way out would really take."""

from collections.abc import Callable
from typing import Any

from directory.roles import Role

Book = Callable[..., bytes]
BAD = "有空就更新"


def test_entries_that_are_known_already_are_not_said_to_come_in(department: Any, book: Book) -> None:
    """Taken without their cells, known entries stay as they are: only the new one would be one more."""
    department.post(department.checked(book(department.row("已有的"), department.row("也有的"))), "run")
    rows = department.row("已有的", cycle=BAD), department.row("也有的", cycle=BAD), department.row("新的", cycle=BAD)
    made = department.checked(book(*rows, department.row("好的")))
    refused = department.post(made, "run", expect=409)
    assert refused["detail"] == (
        "1 条目录没有问题；有 3 处单元格须先改，第一处在 目录!D2；有这样单元格的 3 条目录里，2 条已有"
    )
    assert refused["detail_en"].endswith(
        "the first at 目录!D2; of the 3 records with such cells 2 are in the directory already"
    )
    assert (
        "连有单元格不能采用的 1 条新目录也要，这些格留空，有单元格不能采用的 2 条已有目录保留原有"
        in refused["next_step"]
    )
    assert [each["path"] for each in refused["findings"]] == ["目录!D2", "目录!D3", "目录!D4"]
    assert all(BAD in each["zh"] for each in refused["findings"])
    file = {"file": ("a.xlsx", book(*rows, department.row("好的")))}
    at_once = department.editor.client.post("/api/v1/resources/import", files=file).json()
    assert at_once["code"] == "IMPORT_REFUSED"
    assert "有单元格不能采用的 1 条新目录也要" in at_once["next_step"]
    done = department.post(made, "run", without_broken=True)
    assert (done["added"], done["updated"]) == (2, 0)


def test_only_known_ones_are_in_the_way(department: Any, book: Book) -> None:
    department.post(department.checked(book(department.row("老目录"))), "run")
    made = department.checked(book(department.row("老目录", cycle=BAD)))
    step = department.post(made, "run", expect=409)["next_step"]
    assert step.startswith("有单元格不能采用的 1 条已有目录保留原有：选“不带不能采用的单元格”")
    assert department.post(made, "run", without_broken=True)["added"] == 0


def test_nothing_is_said_of_what_others_have(department: Any, city: Any, book: Book) -> None:
    department.post(department.checked(book(department.row("老目录"))), "run")
    stranger = city.person(city.organisation(), Role.EDITOR).client
    file = {"file": ("a.xlsx", book(department.row("老目录", cycle=BAD), department.row("没有的", cycle=BAD)))}
    told = stranger.post("/api/v1/resources/import", files=file).json()
    assert told["code"] in {"IMPORT_REFUSED", "FORBIDDEN"}
    assert "已有" not in told["detail"] + told["next_step"]
    mine = department.editor.client.post("/api/v1/resources/import", files=file).json()
    assert "已有" in mine["next_step"]


def test_of_very_many_cells_the_first_are_named_and_the_others_counted(department: Any, book: Book) -> None:
    made = department.checked(book(*(department.row(f"第 {number} 条", cycle=BAD) for number in range(60))))
    refused = department.post(made, "run", expect=409)
    assert (len(refused["findings"]) + refused["findings_more"], refused["findings_more"] > 0) == (60, True)
    assert "，条已有" not in refused["detail"]
