"""What a changed entry changed, in a few words, and nothing that its published record does not say by now."""

from typing import Any

from directory.bulletins.changes import said
from metadata.resource import Item, Mount, Party, Resource, Sharing

XM, SF, ZZ = Item(name="姓名", field="xm", length=50), Item(name="身份号码", field="sf"), Item(name="住址", field="zz")


def _entry(*items: Item, **more: Any) -> Resource:
    return Resource(title="户籍", provider=Party(name="示例市公安局", code="x"), items=items, **more)


def test_fields_and_items_each_once() -> None:
    before = _entry(XM, SF, keywords=("户", "籍"))
    longer = XM.model_copy(update={"length": 80, "unit": "字", "description": "全名"})
    after = _entry(longer, ZZ, keywords=("人口",), update_cycle="daily", sharing=Sharing(share_type="conditional"))
    assert said(before, after, after) == (
        "关键字",
        "增加数据项“住址”",
        "共享类型",
        "更新周期",
        "数据项“姓名”的长度、计量单位、数据项说明",
        "删去 1 个数据项",
    )
    assert said(after, after, after) == ()


def test_what_its_record_says_no_more_is_not_named() -> None:
    before, after = _entry(SF), _entry(SF.model_copy(update={"length": 18}), XM, ZZ)
    told = "；".join(said(before, after, _entry(ZZ)))
    assert told == "增加数据项“住址”；增加 1 个后来又改的数据项；后来又改的数据项"
    renamed = _entry(SF.model_copy(update={"name": "证件号码"}), XM, ZZ)
    assert "身份号码" not in "；".join(said(before, after, renamed))
    assert "身份号码" not in "；".join(said(_entry(SF, XM), _entry(XM), _entry(XM)))


def test_how_a_department_stores_it_is_not_told() -> None:
    before = _entry(XM)
    mounted = before.model_copy(
        update={"mounts": (Mount(mount_id="m", node="n", table="t_secret"),), "metadata_id": "1"}
    )
    assert said(before, mounted, mounted) == ()
