"""The table that the town exchanges: synthetic people, their items and columns."""

from metadata.resource import Item, MountColumn

ITEMS = (
    Item(name="身份证号", field="gmsfhm", length=18, is_key=True, is_nullable=False, sensitivity=4),
    Item(name="姓名", field="xm", length=20, is_nullable=False, sensitivity=3),
    Item(name="行政区划", field="xzqh", length=6),
    Item(name="金额", field="je", type_code="N"),
    Item(name="更新时间", field="gxsj", type_code="T"),
)
COLUMNS = (
    MountColumn(field="gmsfhm", column="id_no", sql_type="character varying(18)"),
    MountColumn(field="xm", column="name", sql_type="text"),
    MountColumn(field="xzqh", column="region", sql_type="character(6)"),
    MountColumn(field="je", column="amount", sql_type="numeric(12,2)"),
    MountColumn(field="gxsj", column="changed_at", sql_type="timestamp with time zone"),
)


def people(count: int) -> list[tuple[str, str | None, str, str | None, str]]:
    """Rows of the source: region 99 is assigned to nobody."""
    return [
        (f"99{number:015d}X", f"张三{number}号", f"99{number % 3:04d}", f"{number}.50", "2026-01-02T03:04:05.678901Z")
        for number in range(count)
    ]
