"""What published entries hold of the libraries: read from the records everybody sees."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Text, cast, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from directory.libraries.models import Library, LibraryItem
from directory.libraries.pointers import Holder, Pointer, Recogniser, by_field
from directory.libraries.queries import libraries, library_items
from directory.libraries.similarity import Alike, Described, near_duplicates
from directory.organisations.queries import organisations
from directory.resources.models import ResourceEntry, ResourceVersion
from directory.resources.queries import is_its_published, is_public

COMPARED_MOST = 20_000
_ROWS_AT_ONCE = 500
_BASE_ITEMS: ColumnElement[object] = literal_column(
    """jsonb_path_query_array(resource_version.record, '$.items[*].base_item ? (@ != "")')""", JSONB
)


@dataclass(frozen=True)
class Supply:
    """A standard item and where it lives. ``departments`` are the codes of those that hold it, each once."""

    item: LibraryItem
    pointers: tuple[Pointer, ...]

    @property
    def departments(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.org_code for each in self.pointers))

    @property
    def by_department(self) -> tuple[tuple[str, tuple[Pointer, ...]], ...]:
        """The pointers of each department, in the departments' order."""
        return tuple((code, tuple(p for p in self.pointers if p.org_code == code)) for code in self.departments)

    @property
    def is_gap(self) -> bool:
        """Nobody supplies it, though it is in force."""
        return not self.pointers and not self.item.is_retired

    @property
    def is_doubled(self) -> bool:
        """More than one department supplies it as content; what all hold as their key only links their records."""
        return len(self.departments) > 1 and not all(each.is_key for each in self.pointers)


@dataclass(frozen=True)
class Holdings:
    """One library: each item's supply in order, and what entries name that the register does not have."""

    library: Library
    supplies: tuple[Supply, ...]
    entry_count: int
    dangling: Mapping[str, tuple[Holder, ...]]

    @property
    def current(self) -> tuple[Supply, ...]:
        """The items in force."""
        return tuple(each for each in self.supplies if not each.item.is_retired)

    @property
    def doubled(self) -> int:
        return sum(each.is_doubled for each in self.supplies)

    @property
    def gaps(self) -> int:
        return sum(each.is_gap for each in self.supplies)

    @property
    def supplied(self) -> int:
        return sum(bool(each.pointers) for each in self.current)


def holdings(session: Session, library: Library) -> Holdings:
    """Where every item of a library lives, by the published versions of all entries."""
    items = library_items(session, library.name)
    recogniser = Recogniser(library.name, items)
    pointers: list[Pointer] = []
    dangling: dict[str, list[Holder]] = {}
    entry_count = 0
    for holder in _holders(session, library.name, items):
        entry_count += holder.record.library == library.name
        pointers += recogniser.pointers(holder)
        for field in recogniser.dangling(holder.record):
            dangling.setdefault(field, []).append(holder)
    found = by_field(pointers)
    return Holdings(
        library,
        tuple(Supply(item, found.get(item.field, ())) for item in items),
        entry_count,
        {field: tuple(of) for field, of in dangling.items()},
    )


def doubled(session: Session) -> list[Supply]:
    """Items of all libraries that more than one department supplies; those without a decided lead first."""
    found = [each for library in libraries(session) for each in holdings(session, library).supplies if each.is_doubled]
    return sorted(found, key=lambda each: (each.item.lead_org is not None, -len(each.departments)))


def alike(session: Session) -> tuple[list[Alike], bool]:
    """Near-duplicate published entries of different departments, and whether all were compared.

    At most the ``COMPARED_MOST`` entries changed last are: the page is asked for by people.
    """
    rows = session.execute(
        select(
            ResourceEntry.id,
            ResourceEntry.org_code,
            literal_column("resource_version.record->>'title'"),
            literal_column("jsonb_path_query_array(resource_version.record, '$.items[*].name')", JSONB),
        )
        .join(ResourceVersion, is_its_published())
        .where(is_public())
        .order_by(ResourceEntry.updated_on.desc(), ResourceEntry.id)
        .limit(COMPARED_MOST + 1)
    ).all()
    described = [Described(row[0], row[2], row[1], frozenset(row[3])) for row in rows[:COMPARED_MOST]]
    names = [name for each in organisations(session) for name in (each.name, each.short_name)]
    return near_duplicates(described, names), len(rows) <= COMPARED_MOST


def _holders(session: Session, library: str, items: Sequence[LibraryItem]) -> Iterator[Holder]:
    """Entries of the library, and those of others that name one of its items."""
    named = [f"{library}/{each.field}" for each in items]
    names_one = _BASE_ITEMS.op("?|")(cast(named, ARRAY(Text)))
    query = (
        select(ResourceEntry.id, ResourceEntry.org_code, ResourceVersion.record)
        .join(ResourceVersion, is_its_published())
        .where(is_public(), or_(ResourceEntry.library == library, names_one))
    )
    for row in session.execute(query.order_by(ResourceEntry.id).execution_options(yield_per=_ROWS_AT_ONCE)):
        yield Holder(row.id, row.org_code, row.record)
