"""Resource (信息资源): the catalogue record, declared once.

It carries GB/T 21063.3's core metadata, the 2017 guide's thirteen elements and what Articles 13–15 of the regulation
(政务数据共享条例) add. A draft may lack almost everything; what publication needs is in ``metadata.rules``.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, TypeAdapter

from metadata.record import Record

LIBRARY_PATTERN = r"^[a-z][a-z0-9_]{0,31}$"  # the four of DESIGN §5, and what an installation adds to its register
VOLUME_PATTERN = r"^([0-9]{1,12}(\.[0-9]{1,6})?)?$"
UNTITLED = "（请填写目录名称）"  # the title a template brings; an entry that still has it cannot be published

TypeCode = Literal["C", "N", "Y", "D", "T", "L", "M", "G", "B", "I", "F"]
ShareType = Literal["unconditional", "conditional", "none"]
Sensitivity = Annotated[Literal[1, 2, 3, 4], BeforeValidator(TypeAdapter(StrictInt).validate_python)]
"""A listed number alone would take ``True`` for 1."""
Library = Annotated[str, Field(pattern=LIBRARY_PATTERN)]
UpdateCycle = Literal["realtime", "daily", "weekly", "monthly", "quarterly", "halfyear", "yearly", "irregular"]
MountKind = Literal["table", "file", "folder", "service"]


class Party(Record):
    """A department as it stands in the record: name, 统一社会信用代码, 内部部门 (the division inside it), address."""

    name: str = Field(min_length=1, max_length=200)
    code: str = Field(default="", max_length=32)
    division: str = Field(default="", max_length=200)
    address: str = Field(default="", max_length=500)


class Category(Record):
    """One classification (GB/T 21063.4): scheme (主题分类, 行业分类 …), name, and the code where one is known."""

    scheme: str = "主题分类"
    name: str = Field(min_length=1, max_length=200)
    code: str = ""


class Format(Record):
    """信息资源格式: category and types of the guide's list, free words for the rest."""

    category: str = ""
    types: tuple[str, ...] = ()
    other: str = ""


class Item(Record):
    """信息项: one column's meaning. ``length`` is in characters, ``precision`` in decimal places.

    ``data_element`` names the standard whose rule the values follow (``GB 11643``, ``GB 32100``); ``code_table`` names
    a table of ``standards.codes``. Sensitivity runs from 1 (public) to 4 (sensitive personal data); with ``data_class``
    it is the item's 分类分级. ``base_item`` is the item of a base library that this one is: ``population/id_number``.
    """

    name: str = Field(min_length=1, max_length=200)
    field: str = Field(min_length=1, max_length=63)
    type_code: TypeCode = "C"
    length: int | None = Field(default=None, strict=True, ge=1)
    precision: int | None = Field(default=None, strict=True, ge=0)
    is_key: StrictBool = False
    is_nullable: StrictBool = True
    code_table: str = ""
    data_element: str = ""
    data_class: str = Field(default="", max_length=100)
    sensitivity: Sensitivity = 1
    base_item: str = Field(default="", max_length=100)
    lead_department: str = ""
    unit: str = Field(default="", max_length=50)
    description: str = ""


class LegalBasis(Record):
    """A law, administrative regulation or State Council decision, and its article."""

    title: str = Field(min_length=1, max_length=200)
    article: str = Field(default="", max_length=100)


class Sharing(Record):
    """共享属性 (Articles 13–15). ``share_type`` is unset until somebody decides; it is never guessed from openness."""

    share_type: ShareType | None = None
    conditions: str = ""
    scope: str = ""
    purposes: tuple[str, ...] = ()
    legal_basis: tuple[LegalBasis, ...] = ()
    method_category: str = "共享平台"
    method_types: tuple[Literal["batch", "file", "query"], ...] = ()
    refusal_reasons: tuple[str, ...] = ()
    needs_office_approval: StrictBool = False


class Openness(Record):
    """开放属性: openness to the public, which is not sharing between departments."""

    is_open: bool | None = Field(default=None, strict=True)
    conditions: str = ""


class MountColumn(Record):
    """Where an item lives: its column and PostgreSQL type as ``format_type`` spells it (``character varying(18)``)."""

    field: str
    column: str = Field(min_length=1, max_length=63)
    sql_type: str = Field(min_length=1, max_length=200)


class Mount(Record):
    """挂接资源: the real table, file, folder or service behind the entry, at the node that serves it.

    A table is ``schema_name.table``; a file or folder is ``path``, relative to the folder that the node serves; a
    service is ``url``. ``columns`` are the items in it (a service's or file's have their field names as columns).
    """

    mount_id: str = Field(min_length=1, max_length=64)
    kind: MountKind = "table"
    node: str = Field(min_length=1, max_length=64)
    schema_name: str = "public"
    table: str = Field(default="", max_length=63)
    path: str = Field(default="", max_length=1000)
    url: str = Field(default="", max_length=1000)
    media_type: str = Field(default="", max_length=100)
    columns: tuple[MountColumn, ...] = ()


class Assessment(Record):
    """An assessment Article 13 asks for. ``subject_digest`` is of items and sharing: when they change it is void."""

    kind: Literal["secrecy", "personal_information"]
    conclusion: str = Field(min_length=1, max_length=2000)
    assessor: str = Field(min_length=1, max_length=200)
    assessed_on: date
    subject_digest: str
    is_passed: StrictBool = True


class Extent(Record):
    """Region code (GB/T 2260), bounding box in thousandths of an arc second, coordinate system, scale, period of time.

    ``box_mas`` is west, south, east, north; ``scale`` the denominator: 10000 for 1:10 000.
    """

    region_code: str = ""
    box_mas: tuple[int, int, int, int] | None = None
    crs: str = ""
    scale: int | None = Field(default=None, strict=True, ge=1, le=100_000_000)
    begins_on: date | None = None
    ends_on: date | None = None


class Volumes(Record):
    """信息资源大普查: the six volumes of the national template, decimal numbers as they were written.

    ``_gb`` are GB of storage, ``_records`` structured records in 万条 (ten thousands).
    """

    stored_gb: str = Field(default="", pattern=VOLUME_PATTERN)
    stored_records: str = Field(default="", pattern=VOLUME_PATTERN)
    shared_gb: str = Field(default="", pattern=VOLUME_PATTERN)
    shared_records: str = Field(default="", pattern=VOLUME_PATTERN)
    open_gb: str = Field(default="", pattern=VOLUME_PATTERN)
    open_records: str = Field(default="", pattern=VOLUME_PATTERN)


class Resource(Record):
    """One catalogue entry in one version.

    ``identifier`` is GB/T 21063's 前段码/后段码, ``code`` the 2017 guide's; both are minted by the directory and never
    reused. ``class_code`` is the guide's 类项目细目, to which the sequence is added. ``source_system`` is the
    information system the data come from, ``is_microdata`` says that single respondents of a survey can be told apart
    (统计法 Art. 28).
    """

    title: str = Field(min_length=1, max_length=500)
    identifier: str = ""
    code: str = ""
    class_code: str = ""
    metadata_id: str = ""
    abstract: str = Field(default="", max_length=10_000)
    provider: Party
    maintainer: Party | None = None
    keywords: tuple[str, ...] = ()
    thesaurus: str = ""
    categories: tuple[Category, ...] = ()
    library: Library | None = None
    formats: tuple[Format, ...] = ()
    items: tuple[Item, ...] = ()
    sharing: Sharing = Sharing()
    openness: Openness = Openness()
    data_class: str = Field(default="", max_length=100)
    data_grade: str = ""
    secrecy: Literal["非涉密", "工作秘密", "国家秘密"] = "非涉密"
    update_cycle: UpdateCycle | None = None
    published_on: date | None = None
    updated_on: date | None = None
    online_links: tuple[str, ...] = ()
    service_url: str = ""
    service_type: str = ""
    source_system: str = Field(default="", max_length=200)
    volumes: Volumes = Volumes()
    is_microdata: StrictBool = False
    extent: Extent = Extent()
    related_codes: tuple[str, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    mounts: tuple[Mount, ...] = ()
