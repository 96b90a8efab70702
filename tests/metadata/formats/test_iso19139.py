"""ISO 19139: every real file is read or refused by its reason; each thing an entry has a place for is taken."""

from collections import Counter
from pathlib import Path

import pytest

from metadata.errors import MetadataError
from metadata.formats import iso19139
from metadata.formats.workbook_elements import ELEMENTS
from metadata.resource import Category, Party
from standards.errors import StandardsError
from standards.xml import parse

SHARED = Path(__file__).parents[4] / "shared" / "data" / "metadata_xml"
GMD, GCO = "http://www.isotc211.org/2005/gmd", "http://www.isotc211.org/2005/gco"
CITY = Party(name="示例市自然资源局")


def document(described: str, rest: str = "") -> bytes:
    return (
        f'<MD_Metadata xmlns="{GMD}" xmlns:gco="{GCO}" xmlns:gml="http://www.opengis.net/gml">{rest}'
        f"<identificationInfo><MD_DataIdentification>{described}</MD_DataIdentification></identificationInfo>"
        "</MD_Metadata>"
    ).encode()


def words(name: str, text: str) -> str:
    return f"<{name}><gco:CharacterString>{text}</gco:CharacterString></{name}>"


TITLE = f"<citation><CI_Citation>{words('title', '地名')}</CI_Citation></citation>"


def party(name: str, role: str) -> str:
    return (
        f"<pointOfContact><CI_ResponsibleParty>{words('organisationName', name)}"
        f'<role><CI_RoleCode codeListValue="{role}"/></role></CI_ResponsibleParty></pointOfContact>'
    )


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared files are not here")
def test_every_real_file_is_read_or_refused_by_name():
    outcomes = Counter()
    for path in sorted(SHARED.rglob("*.xml")):
        data = path.read_bytes()
        if b"MD_Metadata" not in data and b"MI_Metadata" not in data:
            continue
        try:
            entry = iso19139.read(data, CITY)
        except (MetadataError, StandardsError) as error:
            outcomes[error.code] += 1
            continue
        outcomes["read"] += 1
        assert entry.title
        assert entry.metadata_id
    assert outcomes["read"] == 40  # 33 gmd:MD_Metadata, 4 gmi:MI_Metadata and 3 mdb:MD_Metadata
    assert set(outcomes) <= {"read", "XML_NOT_METADATA"}  # answers that hold records


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared files are not here")
def test_a_real_file_says_what_it_says():
    entry = iso19139.read((SHARED / "pycsw_apiso_data" / "T_ortho_RAS_1998_284404.xml").read_bytes())
    assert (entry.title, entry.provider.name, entry.keywords) == ("Ortho", "YPAAT", ("Orthoimagery",))
    assert entry.metadata_id == "de53e931-778a-4792-94ad-9fe507aca483"
    assert entry.categories == (
        Category(scheme=iso19139.TOPIC_SCHEME, name="地球科学信息", code="geoscientificInformation"),
    )
    assert entry.extent.box_mas == (77323622, 143136036, 77498341, 143245228)
    assert (entry.extent.scale, str(entry.extent.begins_on), str(entry.extent.ends_on)) == (
        5000,
        "1997-01-01",
        "1999-01-01",
    )
    assert (entry.thesaurus, entry.online_links) == ("GEMET - INSPIRE themes, version 1.0", ("http://www.ypaat.gr",))
    assert entry.sharing.share_type is None  # never guessed from constraints on use


def test_the_publisher_is_the_provider_and_the_contact_the_maintainer():
    contact = f"<contact><CI_ResponsibleParty>{words('organisationName', '信息中心')}</CI_ResponsibleParty></contact>"
    entry = iso19139.read(document(TITLE + party("测绘院", "author") + party("规划局", "publisher"), contact))
    assert (entry.provider.name, entry.maintainer and entry.maintainer.name) == ("规划局", "信息中心")


def test_without_title_or_organisation_it_is_refused_unless_one_stands_in():
    with pytest.raises(MetadataError, match="发布单位") as refused:
        iso19139.read(document(TITLE))
    assert refused.value.code == "METADATA_INCOMPLETE"
    assert iso19139.read(document(TITLE), CITY).provider == CITY
    with pytest.raises(MetadataError, match="标题"):
        iso19139.read(document(party("规划局", "publisher")))


def test_numbers_that_are_none_are_left_out_and_months_begin_on_their_first_day():
    box = "".join(
        f"<{side}><gco:Decimal>{value}</gco:Decimal></{side}>"
        for side, value in (
            ("westBoundLongitude", "NaN"),
            ("eastBoundLongitude", "121"),
            ("southBoundLatitude", "30"),
            ("northBoundLatitude", "31"),
        )
    )
    extent = (
        f"<extent><EX_Extent><geographicElement><EX_GeographicBoundingBox>{box}</EX_GeographicBoundingBox>"
        "</geographicElement><temporalElement><EX_TemporalExtent><extent><gml:TimePeriod><gml:beginPosition>2024-03"
        "</gml:beginPosition><gml:endPosition>now</gml:endPosition></gml:TimePeriod></extent></EX_TemporalExtent>"
        "</temporalElement></EX_Extent></extent>"
    )
    found = iso19139.read(document(TITLE + extent), CITY).extent
    assert (found.box_mas, str(found.begins_on), found.ends_on) == (None, "2024-03-01", None)


def test_another_root_is_another_document():
    with pytest.raises(MetadataError, match="mdb/9"):
        iso19139.read(b'<MD_Metadata xmlns="http://standards.iso.org/iso/19115/-3/mdb/9.0"/>')


def test_what_it_speaks_of_are_elements_of_the_catalogue():
    assert set(ELEMENTS) >= iso19139.ELEMENTS


def test_what_no_entry_has_a_place_for_is_named_with_its_line():
    second = (
        f"<citation><CI_Citation>{words('title', '地名')}{words('alternateTitle', '别称')}</CI_Citation></citation>"
    )
    sides = "".join(
        f"<{side}><gco:Decimal>{value}</gco:Decimal></{side}>"
        for side, value in zip(
            ("westBoundLongitude", "eastBoundLongitude", "southBoundLatitude", "northBoundLatitude"),
            ("999", "121", "30", "31"),
            strict=True,
        )
    )
    box = f"<extent><EX_Extent><geographicElement><EX_GeographicBoundingBox>{sides}</EX_GeographicBoundingBox>"
    often = (
        "<resourceMaintenance><MD_MaintenanceInformation><maintenanceAndUpdateFrequency>"
        '<MD_MaintenanceFrequencyCode codeListValue="fortnightly"/></maintenanceAndUpdateFrequency>'
        "</MD_MaintenanceInformation></resourceMaintenance>"
    )
    data = document(f"{second}{box}</geographicElement></EX_Extent></extent>{often}")
    root = parse(data)
    said = {each.place: each.text for each in iso19139.unread(root, iso19139.read(data, CITY))}
    assert said["geographicElement/westBoundLongitude"] == "999"
    assert said["resourceMaintenance/maintenanceAndUpdateFrequency"] == "fortnightly"
    assert said["citation/alternateTitle"] == "别称"
    sound = document(TITLE + often.replace("fortnightly", "annually"))
    assert iso19139.unread(parse(sound), iso19139.read(sound, CITY)) == []


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared files are not here")
def test_iso_19115_3_says_the_same():
    path = SHARED / "pycsw_iso19115p3_data" / "auscope-3d-model.xml"
    entry = iso19139.read(path.read_bytes())
    assert entry.metadata_id == "5ebc3cb7-a3b5-4760-a8ff-851d5d5beb32"
    assert (str(entry.updated_on), entry.maintainer and entry.maintainer.name) == (
        "2022-11-03",
        "Earth Resources Victoria",
    )
    assert entry.extent.box_mas is not None
    assert entry.online_links
