"""Whatever an entry says is written, accepted by the schemas and read back equal; what cannot be carried is refused."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metadata.errors import MetadataError
from metadata.formats.core_metadata_xml import read, write
from metadata.resource import (
    Assessment,
    Category,
    Extent,
    Format,
    Item,
    LegalBasis,
    Mount,
    MountColumn,
    Openness,
    Party,
    Resource,
    Sharing,
    Volumes,
)
from standards.errors import ExplainedError, StandardsError
from standards.xml import parse
from standards.xsd import validate
from tests.strategies import (
    ASSESSMENTS,
    CATEGORIES,
    COLUMNS,
    EXTENTS,
    FORMATS,
    ITEMS,
    LAWS,
    MOUNTS,
    OPENNESS,
    PARTIES,
    RESOURCES,
    SHARING,
    VOLUMES,
)

PLAIN = Resource(
    title="矿产资源规划数据库",
    identifier="11000/A00034VG345",
    abstract="某市矿产资源规划",
    provider=Party(name="国土资源局", code="11110000000013282X", address="某路 1 号"),
    keywords=("矿产资源", "规划"),
    thesaurus="国土词典",
    categories=(Category(name="矿藏", code="ZCC00"),),
    published_on=date(2004, 2, 11),
    metadata_id="metadata_9660512",
    items=(Item(name="矿区名称", field="name", length=100),),
)


@pytest.mark.parametrize(
    ("record", "strategy"),
    [
        *(
            (Resource, RESOURCES),
            (Volumes, VOLUMES),
            (Party, PARTIES),
            (Category, CATEGORIES),
            (Format, FORMATS),
            (Item, ITEMS),
        ),
        *((LegalBasis, LAWS), (Sharing, SHARING), (Openness, OPENNESS), (MountColumn, COLUMNS), (Mount, MOUNTS)),
        *((Assessment, ASSESSMENTS), (Extent, EXTENTS)),
    ],
)
def test_strategy_sets_every_field(record, strategy):
    """A field added to a record without a strategy here would go untested."""
    assert set(strategy.wrapped_strategy.kwargs) == set(record.model_fields)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(RESOURCES)
def test_every_entry_is_valid_and_reads_back_equal(resource):
    data = write(resource)
    assert validate(data, "gbt21063-3/1") == []
    assert read(data) == resource
    assert write(read(data)) == data


def test_the_twelve_stand_in_the_standards_order():
    full = PLAIN.model_copy(
        update={
            "maintainer": Party(name="信息中心"),
            "online_links": ("http://www.example.gov.cn",),
            "service_url": "http://s.example",
            "service_type": "目录服务",
            "updated_on": date(2005, 5, 12),
        }
    )
    names = [child.name for child in parse(write(full)).children]
    assert names == [
        *("resTitle", "pubDate", "abstract", "idPoC", "descKeys", "tpCat", "onLineSrc"),
        *("resID", "servInfo", "mdId", "mdContact", "mdDateUpd", "Catalogue"),
    ]
    assert "items" not in write(full).decode().lower().split("catalogue")[0]


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1f", "\ufffe"])
def test_character_xml_cannot_hold_is_refused_by_place(character):
    with pytest.raises(StandardsError) as caught:
        write(PLAIN.model_copy(update={"keywords": ("好", f"坏{character}")}))
    assert caught.value.code == "XML_TEXT_FORBIDDEN"
    assert "/Metadata/descKeys[1]/keyword[2]" in caught.value.zh


def test_names_are_read_in_any_case_order_and_without_the_namespace():
    foreign = """<?xml version="1.0" encoding="UTF-8"?>
    <metadata><!-- another product's spelling -->
      <MDID>metadata_9660512</MDID><ResTitle>矿产资源规划数据库</ResTitle>
      <IdPoC><RPORGNAME>国土资源局</RPORGNAME><cntadd>某路 1 号</cntadd></IdPoC>
      <TpCat><cateStd>主题分类</cateStd><CateName>矿藏</CateName><cateCode>ZCC00</cateCode></TpCat>
    </metadata>"""
    resource = read(foreign.encode())
    assert (resource.title, resource.provider.address) == ("矿产资源规划数据库", "某路 1 号")
    assert resource.categories == (Category(name="矿藏", code="ZCC00"),)
    assert resource.metadata_id == "metadata_9660512"


def _spoil(old: str, new: str) -> bytes:
    text = write(PLAIN).decode()
    assert old in text
    return text.replace(old, new, 1).encode()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<mdId>", "<mdFileID>x</mdFileID><mdId>"),
        ("</idPoC>", "</idPoC><idPoC><rpOrgName>第二提供方</rpOrgName></idPoC>"),
        ("<resTitle>", "<resTitle lang='zh'>"),
        ("<idPoC>", "<idPoC>散落的文字"),
        ("2004-02-11", "2004-02-30"),
        ("2004-02-11", "2004-02-11Z"),
        ("<length>100", "<length>0"),
        ("<length>100", "<length>一百"),
        ("<field>name", "<field>" + "n" * 64),
        ("<item>", "<extra/><item>"),
        ("<resTitle>矿产资源规划数据库</resTitle>", ""),
    ],
)
def test_nothing_unknown_or_invalid_is_passed_over(old, new):
    with pytest.raises(MetadataError) as caught:
        read(_spoil(old, new))
    assert caught.value.code == "XML_INVALID"
    assert "第" in caught.value.zh


def test_number_too_long_to_read_is_refused():
    with pytest.raises(MetadataError) as caught:
        read(_spoil("<length>100", "<length>" + "9" * 5000))
    assert caught.value.code in {"RECORD_UNREADABLE", "XML_INVALID"}


@pytest.mark.parametrize("document", [b"<a/>", b'<Metadata xmlns="urn:other"/>', b"<html><body/></html>"])
def test_another_document_is_not_metadata(document):
    with pytest.raises(MetadataError) as caught:
        read(document)
    assert caught.value.code == "XML_NOT_METADATA"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda words: words.encode("utf-8", "replace")))
def test_hostile_bytes_give_an_error_of_ours(data):
    with pytest.raises(ExplainedError):
        read(data)
