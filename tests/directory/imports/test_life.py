"""An import from the file to drafts and back: nothing before it is carried out, all or only what is good, undone."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import func, select

from directory.errors import DirectoryError
from directory.imports.models import ImportEntry, ImportFile
from directory.imports.queries import clean_up
from directory.imports.undo import undo
from directory.resources.models import ResourceEntry, ResourceStep, ResourceVersion
from directory.roles import Role
from metadata.formats import core_metadata_xml
from metadata.resource import Resource

Book = Callable[..., bytes]


def written(app: Any) -> tuple[int, ...]:
    with app.state.sessions() as session:
        tables = ResourceEntry, ResourceVersion, ResourceStep
        return tuple(session.scalar(select(func.count()).select_from(each)) or 0 for each in tables)


def test_nothing_is_written_before_it_is_carried_out_and_then_once(
    department: Any, book: Book, directory_app: Any
) -> None:
    data = book(department.row("水文站点"), department.row("雨量站点"))
    before = written(directory_app)
    made = department.checked(data)
    assert made["entries"]["new"] == 2
    assert department.post(made, "run", dry_run=True)["added"] == 2
    assert written(directory_app) == before
    done = department.post(made, "run")
    assert (done["added"], done["state"], done["refused"]) == (2, "carried_out", [])
    after = written(directory_app)
    assert after[0] == before[0] + 2
    lines = department.get(made, "/entries?of=added")["entries"]
    for line in lines:
        shown = department.editor.client.get(f"/api/v1/resources/{line['resource_id']}").json()
        assert (shown["status"], shown["record"]["title"]) == ("draft", line["title"])
    again = department.checked(data)
    assert again["entries"]["unchanged"] == 2
    assert department.post(again, "run")["unchanged"] == 2
    assert written(directory_app) == after
    assert department.post(made, "run", expect=409)["code"] == "IMPORT_STATE"


def test_columns_are_shown_changed_and_remembered(department: Any, book: Book) -> None:
    header = ("干什么的", "信息资源提供方", "名堂", "每")
    rows = [("一句话", department.name, "桥梁", "每年"), ("两句话", department.name, "隧道", "每月")]
    made = department.upload(book(*rows, header=header))
    columns = department.get(made, "/mapping")
    assert [each["element"] for each in columns][1] == "provider"
    refused = department.post(made, "mapping", expect=400, columns=[{"sheet": "目录", "index": 2, "element": ""}])
    assert refused["code"] == "HEADERS_UNKNOWN"
    wrong = department.post(made, "mapping", expect=400, columns=[{"sheet": "目录", "index": 9, "element": "title"}])
    assert wrong["code"] == "IMPORT_COLUMN_UNKNOWN"
    doubled = [{"sheet": "目录", "index": index, "element": "title"} for index in (0, 2)]
    assert department.post(made, "mapping", expect=400, columns=doubled)["code"] == "HEADERS_DOUBLED"
    chosen = [
        {"sheet": "目录", "index": 0, "element": "abstract"},
        {"sheet": "目录", "index": 2, "element": "title"},
        {"sheet": "目录", "index": 3, "element": ""},
    ]
    department.post(made, "mapping", columns=chosen)
    assert department.recheck(made)["entries"]["new"] == 2
    following = department.get(department.upload(book(*rows, header=header), "下一个.xlsx"), "/mapping")
    assert [each["element"] for each in following] == ["abstract", "provider", "title", ""]


def test_all_or_only_the_good_rows(department: Any, book: Book, directory_app: Any) -> None:
    data = book(
        department.row("好的一行"), department.row("周期写错", cycle="有空就更新"), department.row("", "没有名称")
    )
    made = department.checked(data)
    before = written(directory_app)
    refused = department.post(made, "run", expect=409)
    assert (refused["code"], "或在“检查与修复”里填写" in refused["next_step"]) == ("IMPORT_CELLS_BROKEN", True)
    assert written(directory_app) == before
    done = department.post(made, "run", only_good=True)
    assert (done["added"], [each["title"] for each in done["refused"]]) == (1, ["周期写错"])
    assert written(directory_app)[0] == before[0] + 1
    left = department.get(made, "/entries?of=refused")["entries"]
    assert [(each["title"], each["outcome"]) for each in left] == [("周期写错", "refused")]


def test_others_rows_are_named_and_only_the_own_are_taken(department: Any, book: Book, directory_app: Any) -> None:
    data = book(department.row("自己的"), department.row("别人的", provider="没有登记过的局"))
    made = department.checked(data)
    assert made["entries"]["refused"] == 1
    line = department.get(made, "/entries?of=refused")["entries"][0]
    assert (line["title"], line["problem"]["code"]) == ("别人的", "FORBIDDEN")
    assert department.post(made, "run", expect=403)["code"] == "FORBIDDEN"
    done = department.post(made, "run", only_good=True)
    assert (done["added"], [each["code"] for each in done["refused"]]) == (1, ["FORBIDDEN"])


def test_a_person_s_words_go_into_the_file_and_the_original_stays(department: Any, book: Book) -> None:
    data = book(department.row("水库", cycle="有空就更新"))
    made = department.checked(data)
    assert made["cells"]["broken"] == 1
    cell = department.get(made, "/repairs?of=broken")["cells"][0]
    assert (cell["column"], cell["row"], cell["before"]) == ("D", 2, "有空就更新")
    assert department.post(made, "repairs", expect=400)["code"] == "IMPORT_NOTHING_CHOSEN"
    unknown = department.post(made, "repairs", expect=400, cells=[{"number": 999, "after": "每年"}])
    assert unknown["code"] == "IMPORT_CELL_UNKNOWN"
    department.post(made, "repairs", cells=[{"number": cell["number"], "after": "每月"}])
    assert department.post(made, "run", expect=409)["code"] == "IMPORT_UNCHECKED"
    made = department.recheck(made)
    assert (made["cells"]["broken"], made["revision"]) == (0, 1)
    client = department.editor.client
    original = client.get(f"/api/v1/imports/{made['id']}/workbook?form=original")
    assert original.content == data
    assert "UTF-8''" in original.headers["content-disposition"]
    repaired = client.get(f"/api/v1/imports/{made['id']}/workbook?form=repaired").content
    sheet = openpyxl.load_workbook(io.BytesIO(repaired))["目录"]
    assert [cell.value for cell in sheet[2]][:4] == ["水库", department.name, "有哪些数据", "每月"]
    department.post(made, "run")
    line = department.get(made, "/entries")["entries"][0]
    record = client.get(f"/api/v1/resources/{line['resource_id']}").json()["record"]
    assert record["update_cycle"] == "monthly"


def test_the_marked_copy_says_what_is_wrong_where(department: Any, book: Book) -> None:
    made = department.checked(book(department.row("水库", cycle="有空就更新")))
    marked = department.editor.client.get(f"/api/v1/imports/{made['id']}/workbook").content
    comment = openpyxl.load_workbook(io.BytesIO(marked))["目录"]["D2"].comment
    assert comment is not None
    assert "有空就更新" in comment.text


def test_repairs_of_a_kind_are_made_together(department: Any, book: Book) -> None:
    data = book(department.row("水库甲", share="1 无条件共享"), department.row("水库乙", share="1 无条件共享"))
    made = department.checked(data)
    groups = {each["fault"]: each for each in made["faults"]}
    assert groups["numbered_label"]["cells"] == 2
    department.post(made, "repairs", faults=["numbered_label"])
    made = department.recheck(made)
    assert "numbered_label" not in {each["fault"] for each in made["faults"]}
    department.post(made, "run")
    line = department.get(made, "/entries")["entries"][0]
    shown = department.editor.client.get(f"/api/v1/resources/{line['resource_id']}").json()
    assert shown["record"]["sharing"]["share_type"] == "unconditional"


def test_a_known_entry_is_updated_only_where_it_was_chosen_and_only_by_what_the_file_says(
    department: Any, book: Book
) -> None:
    first = department.checked(book(department.row("桥梁"), department.row("隧道")))
    department.post(first, "run")
    ref = department.get(first, "/entries")["entries"][0]["resource_id"]
    client = department.editor.client
    record = client.get(f"/api/v1/resources/{ref}").json()["record"]
    record |= {"keywords": ["桥"], "items": [{"name": "跨径", "field": "span"}]}
    assert client.put(f"/api/v1/resources/{ref}", json=record, headers={"If-Match": '"1"'}).status_code == 200
    unchanged = department.checked(book(department.row("桥梁"), department.row("隧道")))
    assert unchanged["entries"]["unchanged"] == 2
    made = department.checked(book(department.row("桥梁", "改过的摘要"), department.row("隧道", "也改过")))
    lines = department.get(made, "/entries?of=different")["entries"]
    assert [[each["label_zh"] for each in line["differences"]] for line in lines] == [["摘要"], ["摘要"]]
    assert department.post(made, "entries", expect=400, updates=[7])["code"] == "IMPORT_CELL_UNKNOWN"
    department.post(made, "entries", updates=[lines[0]["number"]])
    done = department.post(made, "run")
    assert (done["updated"], len(done["differing"])) == (1, 1)
    shown = client.get(f"/api/v1/resources/{ref}").json()
    assert (shown["version"], shown["record"]["abstract"]) == (3, "改过的摘要")
    assert (shown["record"]["keywords"], len(shown["record"]["items"])) == (["桥"], 1)
    again = department.checked(book(department.row("桥梁", "改过的摘要"), department.row("隧道", "也改过")))
    assert (again["entries"]["unchanged"], again["entries"]["different"]) == (1, 1)


def test_a_whole_import_is_undone_but_for_what_was_touched(department: Any, book: Book, directory_app: Any) -> None:
    first = department.checked(book(department.row("旧目录")))
    department.post(first, "run")
    old = department.get(first, "/entries")["entries"][0]["resource_id"]
    made = department.checked(
        book(department.row("旧目录", "新摘要"), department.row("没人动过"), department.row("有人动过"))
    )
    department.post(made, "entries", updates=[1])
    department.post(made, "run")
    lines = {each["title"]: each for each in department.get(made, "/entries")["entries"]}
    client = department.editor.client
    touched = lines["有人动过"]["resource_id"]
    record = client.get(f"/api/v1/resources/{touched}").json()["record"] | {"abstract": "手工改的"}
    assert client.put(f"/api/v1/resources/{touched}", json=record, headers={"If-Match": '"1"'}).status_code == 200
    assert client.get("/api/v1/resources", params={"q": "没人动过"}).json()["total"] == 1
    undone = department.post(made, "undo")
    assert undone["state"] == "undone"
    lines = {each["title"]: each for each in department.get(made, "/entries")["entries"]}
    found = {title: each["reversal"] for title, each in lines.items()}
    assert found == {"旧目录": "restored", "没人动过": "discarded", "有人动过": "kept"}
    assert client.get(f"/api/v1/resources/{old}").json()["record"]["abstract"] == "有哪些数据"
    gone = client.get(f"/api/v1/resources/{lines['没人动过']['resource_id']}").json()
    assert gone["status"] == "withdrawn"
    assert client.get("/api/v1/resources", params={"q": "没人动过"}).json()["total"] == 0, "out of sight"
    assert client.get(f"/api/v1/resources/{touched}").json()["record"]["abstract"] == "手工改的"
    assert department.post(made, "undo", expect=409)["code"] == "IMPORT_STATE"
    back = department.checked(book(department.row("没人动过")))
    assert back["entries"]["new"] == 1
    assert department.post(back, "run")["added"] == 1
    fresh = department.get(back, "/entries")["entries"][0]["resource_id"]
    identifiers = {client.get(f"/api/v1/resources/{each}").json()["identifier"] for each in (fresh, gone["id"])}
    assert len(identifiers) == 2, "a number of a discarded draft is not given out again"


def test_what_was_approved_and_returned_is_touched(department: Any, book: Book) -> None:
    made = department.checked(book(department.row("审过又退回")))
    department.post(made, "run")
    ref = department.get(made, "/entries")["entries"][0]["resource_id"]
    for person, body in (
        (department.head, {"to": "head_approved"}),
        (department.editor, {"to": "draft", "comment": "再改改"}),
    ):
        moved = person.client.post(f"/api/v1/resources/{ref}/transitions", json=body)
        assert moved.status_code == 200, moved.text
    department.post(made, "undo")
    assert department.get(made, "/entries")["entries"][0]["reversal"] == "kept"
    assert department.editor.client.get(f"/api/v1/resources/{ref}").json()["status"] == "draft"


def test_a_code_stands_once_in_one_file_too(department: Any, book: Book) -> None:
    header = ("信息资源名称", "信息资源提供方", "信息资源代码")
    rows = [("先来的", department.name, "BA6007/000001"), ("后到的", department.name, "BA6007/000001")]
    file = {"file": ("a.xlsx", book(*rows, header=header))}
    answer = department.editor.client.post("/api/v1/resources/import", files=file, data={"only_good": "true"}).json()
    assert (answer["added"], [(each["title"], each["code"]) for each in answer["refused"]]) == (
        1,
        [("后到的", "IDENTIFIER_TAKEN")],
    )


def test_what_is_refused_in_the_middle_leaves_no_gap(department: Any, book: Book) -> None:
    header = ("信息资源名称", "信息资源提供方", "信息资源代码")
    rows = [("一", department.name, ""), ("坏", department.name, "不像代码"), ("二", department.name, "")]
    file = {"file": ("a.xlsx", book(*rows, header=header))}
    client = department.editor.client
    made = client.post("/api/v1/resources/import", files=file, data={"only_good": "true"}).json()
    lines = department.get({"id": made["import_id"]}, "/entries?of=added")["entries"]
    numbers = [client.get(f"/api/v1/resources/{each['resource_id']}").json()["identifier"] for each in lines]
    first, second = (int(number.rpartition("/")[2]) for number in numbers)
    assert second == first + 1


def test_a_foreign_code_is_free_again_for_the_corrected_file(department: Any, book: Book) -> None:
    header = ("信息资源名称", "信息资源提供方", "信息资源代码")
    row = ("外来代码", department.name, "BA6006/000218")
    for _ in range(2):
        made = department.checked(book(row, header=header))
        assert department.post(made, "run")["added"] == 1
        department.post(made, "undo")


def test_after_seven_days_there_is_no_undo_and_no_file(department: Any, book: Book, directory_app: Any) -> None:
    made = department.checked(book(department.row("七天以前")))
    department.post(made, "run")
    later = datetime.now(UTC) + timedelta(days=7, hours=1)
    with directory_app.state.sessions() as session:
        with pytest.raises(DirectoryError) as refused:
            undo(session, department.editor.actor, UUID(made["id"]), later)
        assert refused.value.code == "IMPORT_UNDO_LATE"
    with directory_app.state.sessions.begin() as session:
        clean_up(session, later)
        mine = ImportFile.import_id == UUID(made["id"])
        assert session.scalar(select(func.count()).select_from(ImportFile).where(mine)) == 0
        entry = session.get_one(ImportEntry, (UUID(made["id"]), 1))
        assert (entry.record, entry.outcome) == (None, "added")
    answer = department.editor.client.get(f"/api/v1/imports/{made['id']}/workbook?form=original")
    assert (answer.status_code, answer.json()["code"]) == (410, "IMPORT_FILE_GONE")


def test_nearly_the_same_titles_are_pointed_out(department: Any, book: Book, city: Any) -> None:
    first = department.checked(book(department.row("公交（线路）信息")))
    department.post(first, "run")
    made = department.checked(book(department.row("公交 线路信息。")))
    twin = department.get(made, "/entries")["entries"][0]["twins"][0]
    assert (twin["title"], twin["is_own"]) == ("公交（线路）信息", True)


def test_xml_needs_no_columns(department: Any) -> None:
    record = Resource.model_validate({"title": "一份 XML", "provider": {"name": department.name}})
    made = department.checked(core_metadata_xml.write(record), "一.xml")
    assert made["entries"]["new"] == 1
    for verb in ("mapping", "repairs"):
        assert department.post(made, verb, expect=409)["code"] == "IMPORT_NO_COLUMNS"
    marked = department.editor.client.get(f"/api/v1/imports/{made['id']}/workbook")
    assert marked.json()["code"] == "IMPORT_NO_COLUMNS"
    assert department.post(made, "run")["added"] == 1


def test_the_check_goes_on_where_it_was_cut_off(department: Any, book: Book) -> None:
    made = department.upload(book(department.row("断点")))
    department.post(made, "mapping")
    assert department.get(made)["stage"] == "reading"
    assert department.post(made, "check")["stage"] == "diagnosing"
    assert department.recheck(made)["entries"]["new"] == 1


def test_given_up_before_it_was_carried_out(department: Any, book: Book, directory_app: Any) -> None:
    before = written(directory_app)
    made = department.checked(book(department.row("不要了")))
    assert department.post(made, "discard")["state"] == "discarded"
    for verb in ("run", "check", "mapping", "repairs", "entries", "discard", "undo"):
        assert department.post(made, verb, expect=409)["code"] == "IMPORT_STATE"
    assert written(directory_app) == before


def test_what_was_imported_at_once_can_be_undone_too(department: Any, book: Book) -> None:
    client = department.editor.client
    data = book(department.row("一次导入"), department.row("坏的", cycle="每年"))
    answer = client.post("/api/v1/resources/import", files={"file": ("a.xlsx", data)}).json()
    assert answer["added"] == 2
    assert client.post("/api/v1/resources/import", files={"file": ("a.xlsx", data)}).json()["import_id"] is None
    made = {"id": answer["import_id"]}
    assert department.post(made, "undo")["entries"]["reversal.discarded"] == 2


def test_only_the_good_at_once(department: Any, office: Any, book: Book) -> None:
    header = ("信息资源名称", "信息资源提供方", "信息资源代码")
    data = book(("好", department.name, ""), ("冒用", department.name, "不像代码"), header=header)
    refused = office.client.post("/api/v1/resources/import", files={"file": ("a.xlsx", data)})
    assert refused.json()["code"] == "IMPORT_REFUSED"
    form = {"only_good": "true"}
    done = office.client.post("/api/v1/resources/import", files={"file": ("a.xlsx", data)}, data=form).json()
    assert (done["added"], [each["title"] for each in done["refused"]]) == (1, ["冒用"])


def test_a_broken_cell_is_never_left_out_unless_that_was_asked_for(
    department: Any, book: Book, directory_app: Any
) -> None:
    """In one call as step by step: refused with the cell named; the others alone; or the entry without the cell."""
    rows = department.row("好的"), department.row("周期写错", cycle="有空就更新")
    before = written(directory_app)

    def at_once(**form: str) -> Any:
        file = {"file": ("a.xlsx", book(*rows))}
        return department.editor.client.post("/api/v1/resources/import", files=file, data=form)

    refused = at_once().json()
    assert (refused["code"], [each["code"] for each in refused["findings"]]) == (
        "IMPORT_REFUSED",
        ["IMPORT_CELLS_BROKEN"],
    )
    assert refused["detail"].startswith("1 条目录没有问题，1 条不能导入")
    assert ("（only_good，" in refused["next_step"], "（without_broken，" in refused["next_step"]) == (True, True)
    (said,) = refused["findings"][0]["findings"]
    assert (said["path"], "有空就更新" in said["zh"]) == ("目录!D3", True)
    tried = at_once(dry_run="true").json()
    assert (tried["added"], [each["title"] for each in tried["refused"]]) == (1, ["周期写错"])
    assert written(directory_app) == before
    done = at_once(only_good="true").json()
    assert (done["added"], [each["title"] for each in done["refused"]]) == (1, ["周期写错"])
    lines = department.get({"id": done["import_id"]}, "/entries")["entries"]
    assert [(each["title"], each["outcome"]) for each in lines] == [("好的", "added"), ("周期写错", "refused")]
    whole = at_once(without_broken="true").json()
    assert (whole["added"], whole["unchanged"], whole["refused"]) == (1, 1, [])
    assert [each["value"] for each in whole["findings"]] == ["有空就更新"]
    assert at_once(without_broken="true").json()["unchanged"] == 2
    assert at_once().json()["code"] == "IMPORT_REFUSED"


def test_step_by_step_without_the_broken_cells(department: Any, book: Book) -> None:
    rows = department.row("甲"), department.row("乙", cycle="有空就更新"), department.row("", "没有名称")
    made = department.checked(book(*rows))
    refused = department.post(made, "run", expect=409, without_broken=True)
    assert refused["code"] == "IMPORT_CELLS_BROKEN", "of the third row nothing can be taken"
    assert refused["detail"].startswith("1 条目录没有问题；"), refused
    assert "两项都选" in refused["next_step"], "the third row is in the way of the other choice alone"
    done = department.post(made, "run", without_broken=True, only_good=True)
    assert (done["added"], done["refused"]) == (2, [])
    again = department.checked(book(department.row("乙", "换了摘要", cycle="有空就更新")))
    assert department.post(again, "entries", updates=[1], expect=400)["code"] == "IMPORT_CELL_UNKNOWN"
    kept = department.post(again, "run", without_broken=True)
    assert (kept["updated"], len(kept["differing"])) == (0, 1), "a known entry keeps what it says"


def test_other_departments_imports_are_not_there(department: Any, office: Any, book: Book, city: Any) -> None:
    made = department.upload(book(department.row("自己的事")))
    stranger = city.person(city.organisation(), Role.EDITOR)
    for path in ("", "/mapping", "/repairs", "/entries", "/workbook"):
        answer = stranger.client.get(f"/api/v1/imports/{made['id']}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "IMPORT_NOT_FOUND")
    for verb in ("mapping", "check", "repairs", "entries", "run", "undo", "discard"):
        answer = stranger.client.post(f"/api/v1/imports/{made['id']}/{verb}", json={})
        assert (answer.status_code, answer.json()["code"]) == (404, "IMPORT_NOT_FOUND")
    assert stranger.client.get("/api/v1/imports").json() == []
    assert office.client.get(f"/api/v1/imports/{made['id']}").status_code == 200
    assert department.head.client.get(f"/api/v1/imports/{made['id']}").status_code == 200
    assert department.head.client.post(f"/api/v1/imports/{made['id']}/check").status_code == 403
    requester = city.person(department.code, Role.REQUESTER)
    assert requester.client.get("/api/v1/imports").status_code == 403
