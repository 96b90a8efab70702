"""The first filling of the registers, from the standard items that travel with the project."""

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from directory.libraries.models import Library, LibraryItem
from standards import catalogue
from standards.codes import rows

LIBRARIES = "base-libraries"


def seed_libraries(connection: Connection) -> None:
    """Add the libraries and items that the register does not have yet; safe to repeat.

    What stands in the register belongs to the office and is not touched: a label changed or an item retired stays so.
    """
    words = {row["phrase"]: row["zh"] for row in rows("base-items-zh")}
    for library in rows(LIBRARIES):
        source = catalogue.find(library["items"])
        values = {"name": library["name"], "label": library["label"], "source": source.title}
        connection.execute(insert(Library).values(values).on_conflict_do_nothing())
        items = [
            {
                "library": library["name"],
                "field": row["field"],
                "seq": int(row["seq"]),
                "name": row["zh_name"],
                "standard_id": row["pinyin_or_std_id"],
                "representation": words.get(row["representation"], row["representation"]),
                "code_list": words.get(row["code_list"], row["code_list"]),
                "rule": words.get(row["rule"], row["rule"]),
                "sensitivity": words.get(row["suggested_sensitivity"], row["suggested_sensitivity"]),
                "certainty": row["certainty"],
            }
            for row in rows(library["items"])
        ]
        connection.execute(insert(LibraryItem).on_conflict_do_nothing(), items)
