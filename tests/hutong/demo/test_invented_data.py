"""The invented registers: amounts, right check digits by somebody else's arithmetic, reproducible, faults as stated."""

import itertools
import struct

from stdnum.cn import ric, uscc

from hutong.demo.faults import FAULT_ROWS, planted
from hutong.demo.legal_persons import LEGAL_PERSON_COUNT, enterprises
from hutong.demo.observations import observations
from hutong.demo.persons import PERSON_COUNT, _persons, residents
from hutong.demo.places import PLACE_COUNT, places

SEED = 20250801


def test_amounts_are_those_the_demo_promises() -> None:
    assert (PERSON_COUNT >= 50_000, LEGAL_PERSON_COUNT >= 20_000, PLACE_COUNT >= 5_000) == (True, True, True)
    assert sum(1 for _ in observations().rows(SEED)) >= 20_000
    assert sum(1 for _ in residents(1_000).rows(SEED)) == 1_000 + 2  # two stand twice


def test_same_seed_same_rows_and_another_seed_others() -> None:
    for table in (residents(800), enterprises(300), places(300)):
        assert list(table.rows(SEED)) == list(table.rows(SEED))
        assert list(table.rows(SEED)) != list(table.rows(SEED + 1))


def test_person_numbers_lie_in_the_unassigned_region_and_check() -> None:
    for row in _persons(SEED, 2_000):
        number = row[0]
        assert number is not None
        assert number.startswith("99")
        assert ric.calc_check_digit(number) == number[-1]
        assert number[6:14] == row[4]
        assert (int(number[16]) % 2 == 1) == (row[2] == "1")


def test_company_codes_check_and_are_distinct() -> None:
    codes = [row[0] or "" for row in enterprises(2_000).rows(SEED)]
    assert len(set(codes)) == 2_000
    assert all(uscc.calc_check_digit(code[:17]) == code[17] for code in codes)


def test_places_are_closed_polygons_in_well_known_binary() -> None:
    for row in itertools.islice(places().rows(SEED), 200):
        shape = bytes.fromhex((row[8] or "")[2:])
        order, kind, rings, points = struct.unpack_from("<BIII", shape)
        assert (order, kind, rings, points) == (1, 3, 1, 5)
        assert shape[13:29] == shape[-16:]


def test_faults_are_of_six_kinds_and_stay_under_the_set_aside_limit() -> None:
    faults = planted(_persons(SEED, PERSON_COUNT))
    assert set(faults) == {"type", "length", "code", "not_null", "check_digit", "unique"}
    assert all(len(keys) == 2 for keys in faults.values())
    assert len(set().union(*faults.values())) == 12
    assert FAULT_ROWS / PERSON_COUNT < 0.001
