"""Rows of a table: added, moved, removed, pasted from a spreadsheet; and two people's rows put together."""

import pytest

from directory.editing.form import MOST_ROWS, WAS, Form
from directory.editing.layout import TABLES
from directory.editing.merge import merge
from directory.editing.paste import paste
from directory.editing.remarks import follow
from directory.editing.rows import is_act, turn, with_room
from directory.errors import DirectoryError
from directory.resources.queries import Remark
from metadata.resource import Item, Party, Resource, Sharing

ITEMS = TABLES["items"]
RECORD = Resource(
    title="企业登记",
    provider=Party(name="市场监管局"),
    items=tuple(Item(name=name, field=field) for name, field in (("名称", "mc"), ("代码", "dm"), ("状态", "zt"))),
)


def fields(form: Form) -> list[str]:
    return ["".join(row["field"]) for row in form.tables["items"]]


@pytest.mark.parametrize(
    ("do", "order", "focus"),
    [
        ("items:up:1", ["dm", "mc", "zt"], "items:up:0"),
        ("items:up:0", ["mc", "dm", "zt"], "items:up:0"),
        ("items:down:0", ["dm", "mc", "zt"], "items:down:1"),
        ("items:down:2", ["mc", "dm", "zt"], "items:down:2"),
        ("items:remove:2", ["mc", "dm"], "items:remove:1"),
        ("items:remove:9", ["mc", "dm", "zt"], "items:add"),
        ("items:add", ["mc", "dm", "zt", "", ""], "items[3].name"),
    ],
)
def test_buttons_of_a_table(do: str, order: list[str], focus: str) -> None:
    turned = turn(Form.of(RECORD), do, {"more:items": "2"})
    assert (fields(turned.form), turned.focus) == (order, focus)


def test_buttons_that_are_none_are_refused_and_no_table_grows_without_end() -> None:
    assert not is_act("save")
    for do in ("items:explode:1", "colours:add", "items:add:x"):
        with pytest.raises(DirectoryError):
            turn(Form.of(RECORD), do, {})
    full = Form.of(RECORD).with_rows("items", [ITEMS.new] * MOST_ROWS)
    with pytest.raises(DirectoryError) as refused:
        turn(full, "items:add", {"more:items": "999"})
    assert refused.value.code == "FORM_ROWS_MANY"


def test_an_empty_table_offers_rows_to_type_into() -> None:
    form = with_room(Form.of(RECORD.model_copy(update={"items": ()})))
    assert len(form.tables["items"]) == ITEMS.room
    assert form.without_blanks().tables["items"] == ()


def test_a_table_with_headers_is_pasted_in_any_order() -> None:
    lines = (
        "字段名\t数据项名称*\t类型（必填）\t数据长度\t是否主键\t其他",
        'xm\t"姓\n名"\tvarchar\t50\t√\t略',
        "",
        "rq\t日期\t日期\t\t否\t",
    )
    text = "\r\n".join(lines)
    pasted = paste(ITEMS, text)
    assert pasted.problems == ()
    assert [(*row["name"], *row["field"], *row["type_code"], row["is_key"]) for row in pasted.rows] == [
        ("姓\n名", "xm", "C", ("yes",)),
        ("日期", "rq", "D", ()),
    ]
    assert pasted.rows[0]["length"] == ("50",)
    assert pasted.rows[0]["is_nullable"] == ("yes",)  # what the sheet does not say is as in a new row


def test_a_table_without_headers_is_in_the_forms_order() -> None:
    (row,) = paste(ITEMS, "姓名\txm\tC\t50").rows
    assert (row["name"], row["field"], row["type_code"], row["length"]) == (("姓名",), ("xm",), ("C",), ("50",))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "粘贴"),
        ("名称\t字段名\n", "只有表头"),
        ("名称\t字段名\t主键\n姓名\txm\t也许", "第 2 行“主键”"),
        ("姓名\txm\t图像", "第 1 行“数据类型”"),
        ("\t".join("甲" * 20), "20 列"),
    ],
)
def test_what_a_box_cannot_hold_is_named_and_nothing_is_taken(text: str, says: str) -> None:
    pasted = paste(ITEMS, text)
    assert pasted.rows in ([], ())
    assert says in "".join(pasted.problems)


def test_pasting_adds_or_replaces() -> None:
    controls = {"paste:items": "登记机关\tdjjg"}
    assert fields(turn(Form.of(RECORD), "items:paste", controls).form) == ["mc", "dm", "zt", "djjg"]
    assert fields(turn(Form.of(RECORD), "items:paste", controls | {"replace:items": "yes"}).form) == ["djjg"]
    refused = turn(Form.of(RECORD), "items:paste", {"paste:items": "甲\tjia\t图像"})
    assert fields(refused.form) == ["mc", "dm", "zt"]
    assert refused.refused


def test_fields_of_two_hands_are_put_together() -> None:
    base = Form.of(RECORD)
    own = Form.of(RECORD.model_copy(update={"abstract": "我的", "data_grade": "2级"}))
    other = Form.of(RECORD.model_copy(update={"abstract": "他的", "sharing": Sharing(share_type="none")}))
    merged = merge(base, own, other)
    assert merged.theirs == {"abstract": "他的"}
    assert merged.form.values["abstract"] == ("我的",)
    assert merged.form.values["data_grade"] == ("2级",)
    assert merged.form.values["sharing.share_type"] == ("none",)


def test_rows_that_both_changed_stay_the_readers_and_the_others_are_said() -> None:
    mine = RECORD.model_copy(update={"items": RECORD.items[:2]})
    his = RECORD.model_copy(update={"items": (*RECORD.items, Item(name="机关", field="jg"))})
    merged = merge(Form.of(RECORD), Form.of(mine), Form.of(his))
    assert fields(merged.form) == ["mc", "dm"]
    assert "机关" in merged.theirs["items"]
    assert merge(Form.of(RECORD), Form.of(RECORD), Form.of(his)).form == Form.of(his)
    assert merge(Form.of(RECORD), Form.of(mine), Form.of(mine)).theirs == {}


def with_item(number: int, **changes: object) -> Resource:
    items = list(RECORD.items)
    items[number] = items[number].model_copy(update=changes)
    return RECORD.model_copy(update={"items": tuple(items)})


def test_two_people_in_different_rows_and_cells_are_put_together() -> None:
    base = Form.of(RECORD)
    for mine, his in (((0, "name", "企业名称"), (2, "length", 2)), ((1, "name", "统一代码"), (1, "length", 18))):
        merged = merge(
            base, Form.of(with_item(mine[0], **{mine[1]: mine[2]})), Form.of(with_item(his[0], **{his[1]: his[2]}))
        )
        assert merged.theirs == {}
        read = merged.form.read(with_item(his[0], **{his[1]: his[2]}))
        assert isinstance(read, Resource), read
        assert getattr(read.items[mine[0]], mine[1]) == mine[2]
        assert getattr(read.items[his[0]], his[1]) == his[2]


def test_one_cell_of_two_hands_stays_the_readers_and_only_that_row_is_said() -> None:
    merged = merge(Form.of(RECORD), Form.of(with_item(1, name="我的")), Form.of(with_item(1, name="他的", length=18)))
    assert [row["name"] for row in merged.form.tables["items"]] == [("名称",), ("我的",), ("状态",)]
    assert merged.form.tables["items"][1]["length"] == ("18",)
    assert "他的" in merged.theirs["items"]
    assert "名称" not in merged.theirs["items"]
    assert "状态" not in merged.theirs["items"]


def test_a_row_taken_away_that_the_other_changed_is_said_and_moved_rows_keep_his_words() -> None:
    base, his = Form.of(RECORD), Form.of(with_item(1, name="他的"))
    gone = turn(base, "items:remove:1", {}).form
    merged = merge(base, gone, his)
    assert (fields(merged.form), "他的" in merged.theirs["items"]) == (["mc", "zt"], True)
    moved = merge(base, turn(base, "items:up:1", {}).form, his)
    assert [row["name"] for row in moved.form.tables["items"]] == [("他的",), ("名称",), ("状态",)]
    assert moved.theirs == {}
    added = merge(base, turn(base, "items:paste", {"paste:items": "登记机关\tdjjg"}).form, his)
    assert (fields(added.form), added.theirs) == (["mc", "dm", "zt", "djjg"], {})
    assert added.form.tables["items"][1]["name"] == ("他的",)


def test_a_remark_follows_its_row() -> None:
    remarks = [Remark("items[2].length", "长度不对"), Remark("abstract", "太短"), Remark("items[0]", "多余")]
    rows = Form.of(RECORD).tables["items"]
    now = Form.of(RECORD).with_rows("items", [rows[2], rows[1], {**ITEMS.new, WAS: ("",)}])
    followed = follow(remarks, Form.of(RECORD), now)
    assert [each.path for each in followed] == ["items[0].length", "abstract", "items"]
