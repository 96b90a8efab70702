"""Catalogue records made up by hypothesis, with every field set; shared by all tests that go round with a record."""

from hypothesis import strategies as st

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

_CHARACTERS = st.one_of(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"),
    st.sampled_from("\t\n\r &<>\"'人口𠀀\x85\u2028"),
)


def text(least: int = 0, most: int = 12) -> st.SearchStrategy[str]:
    return st.text(_CHARACTERS, min_size=least, max_size=most)


def several(strategy: st.SearchStrategy) -> st.SearchStrategy[tuple]:
    return st.lists(strategy, max_size=2).map(tuple)


MAYBE = st.none() | st.dates()
NUMBER = st.integers(min_value=1, max_value=10**12)
CATEGORIES = st.builds(Category, scheme=text(), name=text(1), code=text())
FORMATS = st.builds(Format, category=text(), types=several(text()), other=text())
LAWS = st.builds(LegalBasis, title=text(1), article=text())
COLUMNS = st.builds(MountColumn, field=text(), column=text(1), sql_type=text(1))
OPENNESS = st.builds(Openness, is_open=st.sampled_from([None, True, False]), conditions=text())
PARTIES = st.builds(Party, name=text(1), code=text(), division=text(), address=text())
ITEMS = st.builds(
    Item,
    name=text(1),
    field=text(1),
    type_code=st.sampled_from("CNYDTLMGBIF"),
    length=st.none() | NUMBER,
    precision=st.none() | st.integers(min_value=0, max_value=9),
    is_key=st.booleans(),
    is_nullable=st.booleans(),
    code_table=text(),
    data_element=text(),
    data_class=text(),
    sensitivity=st.sampled_from([1, 2, 3, 4]),
    base_item=text(),
    lead_department=text(),
    unit=text(),
    description=text(),
)
SHARING = st.builds(
    Sharing,
    share_type=st.sampled_from([None, "unconditional", "conditional", "none"]),
    conditions=text(),
    scope=text(),
    purposes=several(text()),
    legal_basis=several(LAWS),
    method_category=text(),
    method_types=several(st.sampled_from(["batch", "file", "query"])),
    refusal_reasons=several(text()),
    needs_office_approval=st.booleans(),
)
MOUNTS = st.builds(
    Mount,
    mount_id=text(1),
    kind=st.sampled_from(["table", "file", "folder", "service"]),
    node=text(1),
    schema_name=text(),
    table=text(),
    path=text(),
    url=text(),
    media_type=text(),
    columns=several(COLUMNS),
)
ASSESSMENTS = st.builds(
    Assessment,
    kind=st.sampled_from(["secrecy", "personal_information"]),
    conclusion=text(1),
    assessor=text(1),
    assessed_on=st.dates(),
    subject_digest=text(),
    is_passed=st.booleans(),
)
EXTENTS = st.builds(
    Extent,
    region_code=text(),
    box_mas=st.none() | st.tuples(*[st.integers()] * 4),
    crs=text(),
    scale=st.none() | st.integers(min_value=1, max_value=100_000_000),
    begins_on=MAYBE,
    ends_on=MAYBE,
)
_VOLUME = st.sampled_from(["", "0", "12", "0.5", "123456789012.000001"])
VOLUMES = st.builds(Volumes, **dict.fromkeys(Volumes.model_fields, _VOLUME))
CYCLES = ["realtime", "daily", "weekly", "monthly", "quarterly", "halfyear", "yearly", "irregular"]
RESOURCES = st.builds(
    Resource,
    title=text(1),
    identifier=text(),
    code=text(),
    class_code=text(),
    metadata_id=text(),
    abstract=text(most=60),
    provider=PARTIES,
    maintainer=st.none() | PARTIES,
    keywords=several(text()),
    thesaurus=text(),
    categories=several(CATEGORIES),
    library=st.sampled_from([None, "population", "legal_person", "geospatial", "statistics", "social_credit"]),
    formats=several(FORMATS),
    items=several(ITEMS),
    sharing=SHARING,
    openness=OPENNESS,
    data_class=text(),
    data_grade=text(),
    secrecy=st.sampled_from(["非涉密", "工作秘密", "国家秘密"]),
    update_cycle=st.sampled_from([None, *CYCLES]),
    published_on=MAYBE,
    updated_on=MAYBE,
    online_links=several(text()),
    service_url=text(),
    service_type=text(),
    source_system=text(),
    volumes=VOLUMES,
    is_microdata=st.booleans(),
    extent=EXTENTS,
    related_codes=several(text()),
    assessments=several(ASSESSMENTS),
    mounts=several(MOUNTS),
)
