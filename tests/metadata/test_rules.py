"""A complete entry lacks nothing; take away one thing and exactly that is named, with its article."""

from datetime import date

import pytest

from metadata.resource import (
    UNTITLED,
    Assessment,
    Category,
    Format,
    Item,
    LegalBasis,
    Mount,
    MountColumn,
    Openness,
    Party,
    Resource,
    Sharing,
)
from metadata.rules import assessment_subject_digest, lacks
from standards.findings import errors

PERSON = {"data_class": "个人信息"}
ITEMS = (
    Item(name="公民身份号码", field="id_number", length=18, is_key=True, is_nullable=False, **PERSON, sensitivity=4),
    Item(name="姓名", field="name", length=100, **PERSON, sensitivity=3),
)
CONDITIONAL = Sharing(share_type="conditional", scope="税务机关", purposes=("办税核验",), method_types=("batch",))


def assessed(resource: Resource) -> Resource:
    """The entry with both assessments passed, of the items and sharing it has."""
    made = tuple(
        Assessment(
            kind=kind,
            conclusion="可以共享",
            assessor="张三",
            assessed_on=date(2026, 1, 5),
            subject_digest=assessment_subject_digest(resource),
        )
        for kind in ("secrecy", "personal_information")
    )
    return resource.model_copy(update={"assessments": made})


COMPLETE = assessed(
    Resource(
        title="常住人口基本信息",
        identifier="11000/00000000001",
        code="101001/000001",
        class_code="101001",
        metadata_id="metadata_1",
        abstract="全市常住人口的基本信息",
        provider=Party(name="市公安局", code="11110000000013282X"),
        keywords=("人口",),
        categories=(Category(name="公安"),),
        library="population",
        formats=(Format(category="数据库", types=("mysql",)),),
        items=ITEMS,
        sharing=CONDITIONAL,
        openness=Openness(is_open=False),
        data_class="公共管理数据",
        data_grade="一般数据 3 级",
        update_cycle="daily",
        mounts=(
            Mount(
                mount_id="m1",
                node="gongan",
                table="person",
                columns=tuple(MountColumn(field=item.field, column=item.field, sql_type="text") for item in ITEMS),
            ),
        ),
    )
)


def _change(**changes: object) -> Resource:
    return COMPLETE.model_copy(update=changes)


def test_complete_entry_lacks_nothing():
    assert lacks(COMPLETE) == []


@pytest.mark.parametrize(
    ("changes", "path", "clause"),
    [
        ({"title": " "}, "title", "第十三条"),
        ({"title": UNTITLED}, "title", "第十三条"),
        ({"identifier": ""}, "identifier", "GB/T 21063.3"),
        ({"code": ""}, "code", "1272号"),
        ({"metadata_id": ""}, "metadata_id", "GB/T 21063.3"),
        ({"abstract": ""}, "abstract", "GB/T 21063.3"),
        ({"provider": Party(name=" ", code="11110000000013282X")}, "provider.name", "第十三条"),
        ({"provider": Party(name="市公安局")}, "provider.code", "1272号"),
        ({"categories": ()}, "categories", "GB/T 21063.3"),
        ({"formats": ()}, "formats", "第十三条"),
        ({"formats": (Format(),)}, "formats", "第十三条"),
        ({"update_cycle": None}, "update_cycle", "第十三条"),
        ({"data_grade": ""}, "data_grade", "第十三条"),
        ({"secrecy": "工作秘密"}, "secrecy", "第三条"),
        ({"secrecy": "国家秘密"}, "secrecy", "第三条"),
    ],
)
def test_missing_thing_is_named_with_its_clause(changes, path, clause):
    (finding,) = errors(lacks(_change(**changes)))
    assert finding.path == path
    assert clause in finding.clause
    assert finding.zh


@pytest.mark.parametrize(
    ("sharing", "paths"),
    [
        (Sharing(), {"sharing.share_type"}),
        (Sharing(share_type="unconditional"), {"sharing.method_types"}),
        (Sharing(share_type="unconditional", method_types=("file",)), set()),
        (Sharing(share_type="conditional", method_types=("batch",)), {"sharing.scope", "sharing.purposes"}),
        (CONDITIONAL.model_copy(update={"purposes": (" ",)}), {"sharing.purposes"}),
        (Sharing(share_type="none"), {"sharing.legal_basis", "sharing.refusal_reasons"}),
        (
            Sharing(
                share_type="none",
                legal_basis=(LegalBasis(title="统计法", article="第二十八条"),),
                conditions="单个对象资料",
            ),
            set(),
        ),
        (
            Sharing(share_type="none", legal_basis=(LegalBasis(title="统计法"),), conditions="单个对象资料"),
            {"sharing.legal_basis"},
        ),
    ],
)
def test_each_share_type_needs_its_own_things(sharing, paths):
    entry = assessed(_change(sharing=sharing))
    assert {finding.path for finding in errors(lacks(entry))} == paths


@pytest.mark.parametrize(
    ("formats", "mounts", "is_lacking"),
    [
        ((Format(category="数据库"),), (), True),
        ((Format(category="电子表格"),), (), True),
        ((Format(category="电子文件"),), COMPLETE.mounts, True),
        ((Format(category="电子文件", types=("pdf",)),), (), False),
    ],
)
def test_items_are_needed_where_the_resource_is_structured(formats, mounts, is_lacking):
    entry = assessed(_change(items=(), formats=formats, mounts=mounts))
    assert ("items" in {finding.path for finding in errors(lacks(entry))}) is is_lacking


def test_class_and_grade_of_entry_and_items():
    """Art. 13 asks for 分类分级: an error on the entry; on single items no law asks, so it is advice, told once."""
    assert [each.path for each in lacks(_change(data_class=""))] == ["data_class"]
    assert errors(lacks(_change(data_class=""))) == []
    bare = tuple(item.model_copy(update={"data_class": ""}) for item in ITEMS)
    (finding,) = lacks(assessed(_change(items=bare)))
    assert (finding.path, finding.severity) == ("items[0].data_class", "warning")
    assert finding.zh.startswith("2 个数据项没有分类（公民身份号码、姓名）")
    four = tuple(Item(name=f"项{n}", field=f"f{n}") for n in range(4))
    assert "（项0、项1、项2 等）" in lacks(assessed(_change(items=four)))[0].zh


@pytest.mark.parametrize("kind", ["secrecy", "personal_information"])
def test_each_assessment_is_needed(kind):
    left = tuple(each for each in COMPLETE.assessments if each.kind != kind)
    (finding,) = lacks(_change(assessments=left))
    assert finding.path == f"assessments.{kind}"


@pytest.mark.parametrize(
    "changes",
    [{"items": ITEMS[:1]}, {"sharing": CONDITIONAL.model_copy(update={"scope": "任何部门"})}],
    ids=["items", "sharing"],
)
def test_assessments_are_void_when_items_or_sharing_change(changes):
    findings = lacks(_change(**changes))
    assert {finding.path for finding in findings} == {"assessments.secrecy", "assessments.personal_information"}
    assert all("失效" in finding.zh for finding in findings)


@pytest.mark.parametrize("changes", [{"title": "改名"}, {"abstract": "改写"}, {"mounts": COMPLETE.mounts[:0]}])
def test_assessments_stay_when_something_else_changes(changes):
    assert errors(lacks(_change(**changes))) == []


def test_the_latest_assessment_decides():
    first = COMPLETE.assessments[0]
    failed = first.model_copy(update={"is_passed": False})
    again = first.model_copy(update={"assessed_on": date(2026, 1, 9)})
    rest = COMPLETE.assessments[1:]
    (finding,) = lacks(_change(assessments=(first, failed, *rest)))
    assert "未通过" in finding.zh
    assert lacks(_change(assessments=(failed, again, *rest))) == []
    assert lacks(_change(assessments=(again, failed, *rest))) == [], "recorded late, but made before"


@pytest.mark.parametrize(
    ("changes", "path"),
    [({"mounts": ()}, "mounts"), ({"keywords": ()}, "keywords"), ({"openness": Openness()}, "openness.is_open")],
)
def test_recommended_thing_only_warns(changes, path):
    (finding,) = lacks(_change(**changes))
    assert (finding.path, finding.severity) == (path, "warning")


def test_draft_of_a_title_names_everything_at_once():
    draft = Resource(title="草稿", provider=Party(name="市公安局"))
    assert {finding.path for finding in errors(lacks(draft))} >= {
        *("identifier", "code", "abstract", "provider.code", "categories", "formats", "update_cycle"),
        *("sharing.share_type", "data_grade", "assessments.secrecy", "assessments.personal_information"),
    }
