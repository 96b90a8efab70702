"""回流 (Art. 24) through two real nodes: of a province's table only a city's rows arrive, under old codes too."""

from datetime import date

from metadata.access import RegionFilter
from standards import territory
from tests.sim.town import Town

CITY = "370100"  # 济南, which took 莱芜 in 2019
REGIONS = {
    "370102": True,
    "370116": True,  # 莱芜区, as it is called since
    "371202": True,  # 莱城区, as rows written before 2019 say
    "371200": True,
    "370199": True,  # written by nobody's table, in the city all the same
    "370202": False,  # 青岛
    "371302": False,
    "110104": False,
    "370000": False,  # the province as a whole
}
AT = "2026-01-02T03:04:05.678901Z"


def test_only_the_territorys_rows_arrive_and_those_that_leave_it_go(town: Town) -> None:
    rows = [
        (f"{code}{number:011d}X", f"李四{number}号", code, f"{number}.00", AT)
        for number, code in enumerate([*REGIONS, *REGIONS])
    ]
    nowhere = ("37019900000000999X", "王五", None, "1.00", AT)
    own = RegionFilter(field="xzqh", prefixes=territory.prefixes(CITY, date(2026, 11, 22)))
    route = town.route([*rows, nowhere], row_filter=own)
    route.exchange()
    sent, arrived = route.sent_rows(), route.received_rows()
    assert [row for row in sent if row[2] is not None and REGIONS[row[2]]] == arrived
    assert {row[2] for row in arrived} == {code for code, is_own in REGIONS.items() if is_own}
    assert {row[2] for row in arrived} == {
        row[2] for row in sent if row[2] and territory.belongs(row[2], CITY, date(2026, 11, 22))
    }

    moved, came = rows[0][0], rows[5][0]
    town.run("gongan", f"UPDATE {route.source} SET region = '370202' WHERE id_no = %s", (moved,))
    town.run("gongan", f"UPDATE {route.source} SET region = '370116' WHERE id_no = %s", (came,))
    route.exchange()
    keys = {row[0] for row in route.received_rows()}
    assert moved not in keys
    assert came in keys
    assert len(keys) == len(arrived)
    assert route.findings() == []
