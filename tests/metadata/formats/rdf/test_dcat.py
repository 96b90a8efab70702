"""DCAT in three spellings: passes the DCAT-AP shapes, comes back as it left, fetches nothing, refuses by name."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from rdflib import Graph

from metadata.errors import MetadataError
from metadata.formats.rdf.dcat import MEDIA_TYPES, not_held, read, read_all, write
from metadata.formats.rdf.describe import Publisher
from metadata.resource import (
    Assessment,
    Category,
    Extent,
    Format,
    Item,
    LegalBasis,
    Mount,
    Openness,
    Party,
    Resource,
    Sharing,
    Volumes,
)
from standards.errors import ExplainedError
from tests.strategies import RESOURCES

SHARED = Path(__file__).parents[5] / "shared" / "data"
OFFICE = Publisher("示例市数据局", "示例市政务数据目录", "https://data.example")
FULL = Resource(
    title="企业登记“基本”信息",
    identifier="33001/00000000001",
    code="102001/000001",
    class_code="102001",
    metadata_id="md-1",
    abstract="全市企业登记 <基本> 信息\n第二行",
    provider=Party(name="市场监督管理局", code="11330100MB0000262E", division="登记处", address="某路 1 号"),
    maintainer=Party(name="信息中心"),
    keywords=("企业", "登记"),
    thesaurus="叙词表",
    categories=(Category(name="经济管理/统计"), Category(scheme="行业分类", name="制造业", code="C")),
    library="legal_person",
    formats=(Format(category="数据库", types=("mysql",)), Format(category="电子表格", types=("et", "xlsx"))),
    items=(
        Item(name="统一社会信用代码", field="uscc", length=18, is_key=True, is_nullable=False, sensitivity=2),
        Item(
            name="注册资本", field="capital", type_code="Y", precision=2, unit="万元", base_item="legal_person/capital"
        ),
        Item(name="备注", field="note", type_code="M", data_class="登记信息"),
    ),
    sharing=Sharing(
        share_type="conditional",
        conditions="工作参考",
        scope="市级部门",
        purposes=("业务协同", "数据校核"),
        legal_basis=(LegalBasis(title="某条例", article="第三条"),),
        method_types=("batch", "query"),
        needs_office_approval=True,
    ),
    openness=Openness(is_open=True, conditions="脱敏"),
    data_class="主体信息",
    data_grade="2 级",
    update_cycle="daily",
    published_on=date(2026, 1, 2),
    updated_on=date(2026, 3, 4),
    source_system="登记系统",
    volumes=Volumes(stored_gb="1.5", stored_records="12"),
    online_links=("https://data.example/x", "内网地址"),
    service_url="https://api.example/v1",
    service_type="REST",
    extent=Extent(
        region_code="330100",
        box_mas=(426_600_000, 104_400_000, 432_000_000, 108_000_001),
        crs="EPSG:4490",
        scale=10_000,
        begins_on=date(2020, 1, 1),
    ),
    related_codes=("102001/000002",),
)


def plain(resource: Resource) -> Resource:
    """The entry without what these forms say they lose (``not_held``), and without what says nothing."""

    def several(values: tuple) -> tuple:
        return tuple(sorted({each for each in values if each}, key=str))

    sharing = resource.sharing
    laws = sorted(set(sharing.legal_basis), key=lambda each: (each.title, each.article))
    sets = {
        "purposes": several(sharing.purposes),
        "method_types": several(sharing.method_types),
        "refusal_reasons": several(sharing.refusal_reasons),
        "legal_basis": tuple(laws),
    }
    formats = [each.model_copy(update={"types": several(each.types)}) for each in resource.formats]
    return resource.model_copy(
        update={
            "assessments": (),
            "mounts": (),
            "keywords": several(resource.keywords),
            "related_codes": several(resource.related_codes),
            "online_links": several(resource.online_links),
            "categories": tuple(sorted(set(resource.categories), key=lambda each: (each.scheme, each.name, each.code))),
            "formats": tuple(sorted(formats, key=lambda each: (each.category, list(each.types), each.other))),
            "sharing": sharing.model_copy(update=sets),
        }
    )


@pytest.mark.parametrize("form", MEDIA_TYPES)
def test_everything_the_form_can_hold_comes_back(form):
    assert read(write([FULL], form, OFFICE), form) == [plain(FULL)]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(RESOURCES)
def test_any_entry_comes_back_from_turtle_and_json(resource):
    for form in ("ttl", "jsonld"):
        (back,) = read(write([resource], form, OFFICE), form)
        assert plain(back) == plain(resource)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(RESOURCES)
def test_rdf_xml_comes_back_or_is_refused_by_name(resource):
    data = written(resource)
    if data is None:
        assert "\\r" in json.dumps(plain(resource).model_dump(mode="json"))
        return
    (back,) = read(data, "rdf")
    assert plain(back) == plain(resource)


def written(resource: Resource) -> bytes | None:
    """As RDF/XML; None where it is refused for a character that cannot be carried."""
    try:
        return write([resource], "rdf", OFFICE)
    except MetadataError as error:
        if error.code != "RDF_TEXT_FORBIDDEN":
            raise
        return None


def test_the_three_forms_say_the_same():
    turtle, rdf, jsonld = (read(write([FULL], form, OFFICE), form) for form in MEDIA_TYPES)
    assert turtle == rdf == jsonld


@pytest.mark.parametrize("name", ["shapes.ttl", "range.ttl"])
def test_passes_the_shapes_of_dcat_ap(name):
    folder = SHARED / "dcat_ap_3_shacl"
    if not folder.is_dir():
        pytest.skip("../shared/data/dcat_ap_3_shacl is not here")
    from pyshacl import validate  # noqa: PLC0415  slow to import, and only needed here

    graph = Graph().parse(
        data=write([FULL, FULL.model_copy(update={"identifier": ""})], "ttl", OFFICE), format="turtle"
    )
    shapes = Graph().parse(folder / name, format="turtle")
    conforms, _, text = validate(graph, shacl_graph=shapes)
    assert conforms, text
    graph.remove((None, Graph().namespace_manager.expand_curie("dcterms:title"), None))
    if name == "shapes.ttl":
        assert not validate(graph, shacl_graph=shapes)[0], "the shapes find nothing"


def test_another_catalogues_datasets_are_read_by_dcats_own_terms():
    foreign = """
    @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
    @prefix foaf: <http://xmlns.com/foaf/0.1/> .
    <http://x/1> a dcat:Dataset ; dct:title "Roads"@en, "道路"@zh-TW ; dct:description "All roads" ;
      dct:publisher [ a foaf:Agent ; foaf:name "Council" ] ; dcat:keyword "road" ; dct:issued "2020-05-06T07:08:09Z" ;
      dct:identifier "abc" ; dcat:theme <http://publications.europa.eu/resource/authority/data-theme/TRAN> ;
      dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/WEEKLY> ;
      dcat:distribution [ dct:format <http://publications.europa.eu/resource/authority/file-type/CSV> ] ;
      dct:spatial [ dcat:bbox "POLYGON((1 2,3 2,3 4,1 4,1 2))" ] .
    """
    (entry,) = read(foreign.encode(), "ttl")
    assert (entry.title, entry.provider.name, entry.abstract) == ("道路", "Council", "All roads")
    assert (entry.published_on, entry.update_cycle, entry.identifier) == (date(2020, 5, 6), "weekly", "")
    assert [each.name for each in entry.categories] == ["TRAN"]
    assert entry.formats[0].types == ("CSV",)
    assert entry.extent.box_mas == (3_600_000, 7_200_000, 10_800_000, 14_400_000)


@pytest.mark.parametrize(
    ("data", "form", "code"),
    [
        (b"<a> <b>", "ttl", "RDF_UNREADABLE"),
        (b"", "ttl", "RDF_EMPTY"),
        (b"\xff\xfe", "ttl", "RDF_UNREADABLE"),
        (b"{", "jsonld", "RDF_UNREADABLE"),
        (b"[" * 100_000, "jsonld", "RDF_UNREADABLE"),
        (b'[{"x": [1, 2]}]', "jsonld", "RDF_EMPTY"),
        (b'{"@context": "http://127.0.0.1:1/context.jsonld"}', "jsonld", "RDF_REMOTE_CONTEXT"),
        (b'[{"x": [{"@context": [{}, "http://127.0.0.1:1/c"]}]}]', "jsonld", "RDF_REMOTE_CONTEXT"),
        (b'{"@context": {"@import": "http://127.0.0.1:1/c"}}', "jsonld", "RDF_REMOTE_CONTEXT"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "rdf", "XML_FORBIDDEN"),
        (b"<http://x> a <http://www.w3.org/ns/dcat#Dataset> .", "ttl", "RDF_INCOMPLETE"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(data, form, code):
    with pytest.raises(ExplainedError) as refused:
        read(data, form)
    assert refused.value.code == code


def test_a_dataset_without_publisher_takes_the_department_given():
    data = b'<http://x> a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> "T" .'
    (entry,) = read(data, "ttl", Party(name="甲局"))
    assert entry.provider.name == "甲局"


def test_what_is_lost_is_said():
    kept = FULL.model_copy(update={"keywords": (), "categories": (), "formats": (), "online_links": ()})
    assert not_held(kept) == ()
    made = Assessment(kind="secrecy", conclusion="可", assessor="甲", assessed_on=date(2026, 1, 1), subject_digest="x")
    mount = Mount(mount_id="m", node="n")
    assert len(not_held(FULL.model_copy(update={"assessments": (made,), "mounts": (mount,)}))) == 3


def test_real_dcat_feeds_of_councils_are_read():
    folder = SHARED / "metadata_xml" / "dcat_json_scotland"
    if not folder.is_dir():
        pytest.skip("../shared/data/metadata_xml is not here")
    found = {path.stem: read(path.read_bytes(), "jsonld", Party(name="Council")) for path in folder.glob("*.json")}
    assert len(found) == 5
    assert all(len(entries) > 20 for entries in found.values())
    assert all(entry.title and entry.formats for entry in found["glasgow"])


TURTLE = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix locn: <http://www.w3.org/ns/locn#> .
<http://x/1> a dcat:Dataset ; dct:title "道路" ; dct:publisher [ a foaf:Agent ; foaf:name "交通局" ] ;
"""
SQUARE = [36_000_000, 18_000_000, 39_600_000, 21_600_000]


@pytest.mark.parametrize("form", ["ttl", "jsonld", "rdf"])
def test_of_our_own_files_nothing_is_left_unread(form):
    assert read_all(write([FULL], form, OFFICE), form).unread == []


@pytest.mark.parametrize(
    ("said", "cycle"),
    [
        ('"annually"', "yearly"),
        ('"Monthly"@en', "monthly"),
        ('"每年"', "yearly"),
        ('"R/P1Y"', "yearly"),
        ("<http://purl.org/cld/freq/weekly>", "weekly"),
        ("<http://publications.europa.eu/resource/authority/frequency/ANNUAL_2>", "halfyear"),
        ('"now and then"', None),
    ],
)
def test_frequencies_in_words_are_read_or_named(said, cycle):
    found = read_all(f"{TURTLE} dct:accrualPeriodicity {said} .".encode(), "ttl")
    assert found.records[0].update_cycle == cycle
    assert [each.place for each in found.unread] == ([] if cycle else ["dct:accrualPeriodicity"])


@pytest.mark.parametrize(
    ("said", "box"),
    [
        ("POLYGON((10 5,11 5,11 6,10 6,10 5))", SQUARE),
        ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POLYGON((10 5,11 5,11 6,10 6,10 5))", SQUARE),
        ("<http://www.opengis.net/def/crs/EPSG/0/4326> POLYGON((5 10,5 11,6 11,6 10,5 10))", None),
        ("MULTIPOLYGON(((10 5,11 5,11 6,10 5)),((10 5,10.5 5.5,10 6,10 5)))", SQUARE),
        ("ENVELOPE(10, 11, 6, 5)", SQUARE),
        ('{"type":"Polygon","coordinates":[[[10,5],[11,5],[11,6],[10,6],[10,5]]]}', SQUARE),
        ("POLYGON((999 5,11 5,11 6,10 5))", None),
        ("POLYGON((nan 5,11 5,11 6,10 5))", None),
        ("POLYGON((1e99 5,11 5,11 6,10 5))", None),
        ('{"type":"Polygon","coordinates":[[[1e999,5],[11,5]]]}', None),
        ('{"type":', None),
        ("POLYGON(())", None),
    ],
)
def test_geometries_are_read_as_boxes_or_named(said, box):
    text = said.replace('"', '\\"')
    found = read_all(f'{TURTLE} dct:spatial [ locn:geometry "{text}" ] .'.encode(), "ttl")
    read_box = found.records[0].extent.box_mas
    assert (list(read_box) if read_box else None) == box
    assert [(each.place, each.text) for each in found.unread] == ([] if box else [("dct:spatial/locn:geometry", said)])


def test_whatever_no_reader_takes_is_named_with_its_value():
    more = """
      dct:title "道路别名" ; dct:identifier "abc" , "11000/A00034VG345" ; dct:license <http://x/licence> ;
      dct:publisher "第二个局" ;
      dcat:contactPoint [ <http://www.w3.org/2006/vcard/ns#fn> "王科长" ] ; <http://other/ns#grade> "甲" ;
      dcat:distribution [ dcat:accessURL <http://x/a.csv> ; dct:format "CSV" ] .
    """
    found = read_all((TURTLE + more).encode(), "ttl")
    (entry,) = found.records
    assert (entry.identifier, entry.online_links) == ("11000/A00034VG345", ("http://x/a.csv",))
    assert sorted((each.place, each.text) for each in found.unread) == [
        ("dcat:contactPoint/vcard:fn", "王科长"),
        ("dct:identifier", "abc"),
        ("dct:license", "http://x/licence"),
        ("dct:publisher", "第二个局"),
        ("dct:title", "道路别名"),
        ("http://other/ns#grade", "甲"),
    ] or sorted((each.place, each.text) for each in found.unread)[3] == ("dct:publisher/foaf:name", "交通局")


def test_a_publisher_said_in_a_word_is_one():
    data = '<http://x> a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> "T" ; '
    (entry,) = read(f'{data} <http://purl.org/dc/terms/publisher> "甲局" .'.encode(), "ttl")
    assert entry.provider.name == "甲局"


def test_a_dataset_without_title_keeps_none_of_the_others_back():
    found = read_all(f"{TURTLE} dct:issued '2020-01-01' . <http://x/2> a dcat:Dataset .".encode(), "ttl")
    assert [each.title for each in found.records] == ["道路"]
    assert [each.code for each in found.errors] == ["RDF_INCOMPLETE"]


def test_lists_and_boxes_that_are_none_are_refused_or_left():
    columns = '<urn:hutong:catalogue:1#boxMas> "a b c d"'
    (entry,) = read(f"{TURTLE} dct:spatial [ {columns} ] .".encode(), "ttl")
    assert entry.extent.box_mas is None
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    loop = f'dct:conformsTo [ <http://www.w3.org/ns/csvw#column> _:a ] . _:a <{rdf}first> "x" ; <{rdf}rest> _:a .'
    with pytest.raises(ExplainedError) as refused:
        read(f"{TURTLE} {loop}".encode(), "ttl")
    assert refused.value.code == "RDF_UNREADABLE"


def test_a_mark_before_the_text_is_no_part_of_it():
    mark = b"\xef\xbb\xbf"
    for form in ("ttl", "jsonld", "rdf"):
        assert read(mark + write([FULL], form, OFFICE), form) == [plain(FULL)]


@pytest.mark.parametrize(
    ("data", "said"),
    [("<a> 甲".encode("gb18030"), "不是 UTF-8"), (b"<a> <b>", "语法有误"), (b"<a>\n\n<b> c", "第 3 行附近")],
)
def test_why_a_graph_cannot_be_read_is_said_in_words(data, said):
    with pytest.raises(ExplainedError) as refused:
        read(data, "ttl")
    assert said in refused.value.zh
    assert refused.value.en.isascii()
