"""Dublin Core: the fifteen elements written after the table, read back, and what they cannot hold said."""

import pytest
from hypothesis import HealthCheck, given, settings

from metadata.difference import differences
from metadata.errors import MetadataError
from metadata.formats import dublin_core
from metadata.formats.workbook_elements import ELEMENTS
from metadata.resource import Extent, Format, Party, Resource, Sharing
from standards.errors import StandardsError
from standards.xml import parse
from tests.metadata.formats.rdf.test_dcat import FULL
from tests.strategies import RESOURCES

PLAIN = Resource(
    title="企业登记",
    identifier="33001/00000000001",
    code="102001/000001",
    provider=Party(name="市场监督管理局"),
    maintainer=Party(name="信息中心"),
    abstract="第一行\n第二行",
    keywords=("企业", "登记"),
    formats=(Format(types=("xlsx",)),),
    related_codes=("102001/000002",),
    online_links=("https://data.example/x",),
    extent=Extent(region_code="330100"),
)


def test_what_the_fifteen_can_hold_comes_back():
    assert dublin_core.not_held(PLAIN) == ()
    assert dublin_core.read(dublin_core.write(PLAIN)) == PLAIN


def test_the_elements_are_those_of_the_standard():
    root = parse(dublin_core.write(FULL))
    assert (root.namespace, root.name) == (dublin_core.OAI_DC, "dc")
    assert {each.namespace for each in root.children} == {dublin_core.DC}
    found = [(each.name, each.text) for each in root.children]
    assert {("type", "Dataset"), ("language", "zh"), ("rights", "有条件共享")} <= set(found)
    assert (
        "coverage",
        "westlimit=118.5000000; southlimit=29.0000000; eastlimit=120.0000000; northlimit=30.0000003",
    ) in (found)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(RESOURCES)
def test_whatever_does_not_come_back_is_said(resource):
    try:
        data = dublin_core.write(resource)
        back = dublin_core.read(data)
    except (StandardsError, MetadataError):
        return  # a title of blanks alone, or a character that XML has not
    said = set(dublin_core.not_held(resource))
    changed = {each.path.partition("[")[0].partition(".")[0] for each in differences(resource, back)}
    assert changed == {path.partition(".")[0] for path in said}


def test_a_record_of_a_catalogue_service_is_read():
    data = """<csw:Record xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:dct="http://purl.org/dc/terms/"><dc:identifier>urn:uuid:1</dc:identifier><dc:title>Lorem</dc:title>
    <dct:abstract>ipsum</dct:abstract><dct:modified>2006-05-12</dct:modified></csw:Record>"""
    entry = dublin_core.read(data.encode(), Party(name="某局"))
    assert (entry.title, entry.abstract, entry.identifier, entry.provider.name) == ("Lorem", "ipsum", "", "某局")
    with pytest.raises(MetadataError) as refused:
        dublin_core.read(data.encode())
    assert refused.value.code == "METADATA_INCOMPLETE"


def test_sharing_is_never_guessed_from_rights():
    shared = PLAIN.model_copy(update={"sharing": Sharing(share_type="unconditional")})
    assert dublin_core.read(dublin_core.write(shared)).sharing.share_type is None
    assert dublin_core.not_held(shared) == ("sharing.share_type",)


def test_another_document_is_refused():
    with pytest.raises(MetadataError) as refused:
        dublin_core.read(b"<html/>")
    assert refused.value.code == "XML_NOT_METADATA"


def test_what_it_speaks_of_are_elements_of_the_catalogue():
    assert set(ELEMENTS) >= dublin_core.ELEMENTS
