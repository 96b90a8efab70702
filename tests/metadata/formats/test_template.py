"""What the template's workbook and the csv hold of a record comes back equal; the rest is named by ``not_held``."""

import csv
import io
import zipfile

import openpyxl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metadata.formats import catalogue_csv, template
from metadata.formats.record_cells import ENTRY_ELEMENTS, ITEM_SHEET_ELEMENTS
from metadata.formats.template import not_held
from metadata.formats.template_hints import HINTS
from metadata.formats.workbook import WorkbookDrafts, drafts
from metadata.formats.workbook_elements import ELEMENTS, OWN_SHEETS
from metadata.resource import Assessment, Format, Item, Mount, Party, Resource, Volumes
from tests.strategies import RESOURCES

OFFICE = Party(name="示例市民政局", code="11450100007555555X")


PARTY = {"name": "示例市民政局", "code": "11450100007555555X", "division": "救助科", "address": "示例路 1 号"}
ITEM = {"name": "姓名", "field": "xm", "type_code": "C", "length": 50, "precision": 2, "is_key": True}
ITEM |= {"is_nullable": False, "code_table": "gbt2261-1-sex", "data_element": "GB 11643", "data_class": "甲类"}
ITEM |= {
    "sensitivity": 3,
    "base_item": "population/name",
    "lead_department": "公安局",
    "unit": "人",
    "description": "全名",
}
SHARING = {"share_type": "conditional", "conditions": "工作参考", "scope": "民政部门", "purposes": ["核对", "统计"]}
SHARING |= {
    "legal_basis": [{"title": "统计法", "article": "第二十五条"}, {"title": "某条例"}],
    "method_category": "邮件",
}
SHARING |= {"method_types": ["batch", "query"], "refusal_reasons": ["法律规定"], "needs_office_approval": True}
EXTENT = {"region_code": "450100", "box_mas": [-1, 2, 3_600_000, 123_456_789], "crs": "CGCS2000", "scale": 10_000}
EXTENT |= {"begins_on": "1899-12-31", "ends_on": "2025-08-01"}
FULL = Resource.model_validate(
    {"title": "低保人员名单", "identifier": "11000/A1", "code": "303021070100/000003", "class_code": "303021070100"}
    | {
        "metadata_id": "m1",
        "abstract": "=名单\n两行",
        "provider": PARTY,
        "maintainer": PARTY,
        "keywords": ["低保", "-1"],
    }
    | {"thesaurus": "词表", "library": "population", "sharing": SHARING, "extent": EXTENT, "data_class": "甲"}
    | {
        "categories": [
            {"name": "民政、社区"},
            {"scheme": "行业分类", "name": "教育", "code": "P"},
            {"scheme": "体系", "name": "乙"},
        ]
    }
    | {"formats": [{"category": "数据库", "types": ["mysql", "oracle"]}, {"category": "自描述格式", "other": "BUFR"}]}
    | {"items": [ITEM, {"name": "金额", "field": "je", "type_code": "N"}], "data_grade": "三级", "secrecy": "工作秘密"}
    | {"openness": {"is_open": True, "conditions": "登录"}, "update_cycle": "monthly", "published_on": "2025-08-01"}
    | {"updated_on": "2025-09-01", "online_links": ["http://a/", "http://b/"], "service_url": "http://c/"}
    | {"service_type": "REST", "source_system": "救助系统", "volumes": dict.fromkeys(Volumes.model_fields, "1.000001")}
    | {"is_microdata": True, "related_codes": ["303021/1", "BA6006/000218"]}
)


def _values(resource: Resource, paths: tuple[str, ...]) -> dict[str, object]:
    """The record's values apart from these paths, nested records taken apart."""
    left: dict[str, object] = {}
    for name, value in resource.model_dump(mode="json").items():
        inner = {f"{name}.{key}": each for key, each in value.items()} if isinstance(value, dict) else {name: value}
        left |= {path: each for path, each in inner.items() if path not in paths and name not in paths}
    return left


def _read_both(resources: list[Resource]) -> tuple[WorkbookDrafts, WorkbookDrafts]:
    return drafts(template.write(None, resources), "目录.xlsx"), drafts(catalogue_csv.write(resources), "目录.csv")


@given(RESOURCES)
@example(Resource(title="=1+1", provider=OFFICE, keywords=("@x", "-y", "'z", "_x0041_"), abstract="+\t1\n=2"))
@settings(max_examples=60, deadline=None)
def test_what_is_written_reads_back(resource: Resource) -> None:
    lost = not_held(resource)
    for read in _read_both([resource]):
        if lost == ("title",):
            assert not read.drafts or read.drafts[0].resource.title != resource.title
            continue
        (draft,) = read.drafts
        assert _values(draft.resource, lost) == _values(resource, lost)


_TAME = st.text("甲乙丙丁AB12 ", min_size=1, max_size=8).map(lambda text: f"字{text}字")
_PARTIES = st.builds(Party, name=_TAME, code=_TAME, division=_TAME, address=_TAME)


@given(st.lists(st.builds(Resource, title=_TAME, provider=_PARTIES, abstract=_TAME, keywords=st.tuples(_TAME))))
@settings(max_examples=20, deadline=None)
def test_many_records_come_back_in_their_order(resources: list[Resource]) -> None:
    """Also those of one title and provider, which 同名序号 tells apart."""
    for read in _read_both(resources) if resources else ():
        assert [draft.resource for draft in read.drafts] == resources
        assert read.findings == ()


def test_everything_a_person_can_fill_in_is_held() -> None:
    assert not_held(FULL) == ()
    assert [name for name, value in _values(FULL, ()).items() if not value] == ["assessments", "mounts"]
    for read in _read_both([FULL]):
        assert [draft.resource for draft in read.drafts] == [FULL]
        assert read.findings == ()


def test_what_is_not_held_is_named() -> None:
    bare = Resource(title="甲", provider=OFFICE)
    assessment = Assessment(
        kind="secrecy", conclusion="可", assessor="乙", assessed_on="2025-08-01", subject_digest="0"
    )
    mount = Mount(mount_id="m", node="n", table="t")
    cases = {
        ("mounts", "assessments"): {"mounts": (mount,), "assessments": (assessment,)},
        ("keywords",): {"keywords": ("一、二",)},
        ("abstract",): {"abstract": "无"},
        ("formats",): {"formats": (Format(types=("mysql",)),)},
        ("items",): {"items": (Item(name=" 甲", field="a"),)},
        ("title",): {"title": "暂无"},
    }
    for paths, members in cases.items():
        assert set(not_held(bare.model_copy(update=members))) == set(paths)


def test_the_empty_workbook_helps_to_fill_it_in() -> None:
    data = template.write(OFFICE)
    assert data == template.write(OFFICE), "one content, one file"
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["目录", "信息项", "填写说明", "代码表"]
    for name, elements in (("目录", ENTRY_ELEMENTS), ("信息项", ITEM_SHEET_ELEMENTS)):
        sheet = book[name]
        headers = [cell.value for cell in sheet[1]]
        assert headers == [each.label + "*" * each.is_required for each in elements]
        assert sheet.freeze_panes == "C2"
        for cell, each in zip(sheet[1], elements, strict=True):
            assert HINTS[each.key][0] in cell.comment.text
        listed = {str(each.sqref).split(":")[0].rstrip("0123456789") for each in sheet.data_validations.dataValidation}
        coded = {each.key for each in elements if each.table or each.kind == "flag"}
        letters = {each.key: sheet.cell(1, number).column_letter for number, each in enumerate(elements, start=1)}
        assert {letters[key] for key in coded} <= listed
    own = [each.formula1 for each in book["目录"].data_validations.dataValidation]
    assert f'"{OFFICE.name}"' in own
    assert f'"{OFFICE.code}"' in own
    share_type = next(cell for cell in book["代码表"][1] if cell.value == "共享类型")
    column = [cell.value for cell in book["代码表"][share_type.column_letter][1:4]]
    assert column == ["无条件共享", "有条件共享", "不予共享"]


def test_every_list_leads_to_its_values() -> None:
    """Each value that can be chosen is read without a finding."""
    book = openpyxl.load_workbook(io.BytesIO(template.write(OFFICE)))
    codes = book["代码表"]
    headers = {cell.value: cell.column for cell in codes[1]}
    base = {"信息资源名称": "甲", "信息资源提供方": "乙局", "信息项名称": "丙"}
    for element in ELEMENTS.values():
        if element.label not in headers:
            continue
        for row in codes.iter_rows(min_row=2, min_col=headers[element.label], max_col=headers[element.label]):
            if row[0].value is not None:
                sheet = openpyxl.Workbook()
                sheet.active.append([*base, element.label])
                sheet.active.append([*base.values(), row[0].value])
                stream = io.BytesIO()
                sheet.save(stream)
                read = drafts(stream.getvalue(), "表.xlsx")
                assert (read.findings, element.key, len(read.drafts)) == ((), element.key, 1)


def test_nothing_is_a_formula() -> None:
    starts = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "＝1"]
    resource = Resource(title="=cmd|'/C calc'!A0", provider=Party(name="+局"), keywords=tuple(starts))
    data = template.write(None, [resource])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in b"".join(archive.read(name) for name in archive.namelist() if "worksheets/sheet" in name)
    text = catalogue_csv.write([resource, resource]).decode("utf-8-sig")
    cells = [cell for line in csv.reader(io.StringIO(text, newline="")) for cell in line]
    assert "'=cmd|'/C calc'!A0" in cells
    assert not [cell for cell in cells if cell[:1] in {*"=+-@\t\r＝"} - {""}]


def test_each_element_has_a_hint_and_each_hint_an_element() -> None:
    assert set(HINTS) == set(ELEMENTS)
    assert all(hint for hint, _ in HINTS.values())
    assert {"目录", "信息项"}.isdisjoint(OWN_SHEETS)
