"""Six kinds of planted faults, so that everybody can see the checks name exactly these rows and no others."""

from collections.abc import Iterable, Iterator

from hutong.demo.table import Row

# position of a sound row in the stream -> (column, faulty value); columns as in RESIDENTS_COLUMNS
_ID, _NAME, _ETHNICITY, _BIRTH, _ADDRESS = 0, 1, 3, 4, 6
_REPLACED: dict[str, dict[tuple[int, int], str | None]] = {
    "type": {(101, _BIRTH): "20230231", (102, _BIRTH): "一九八〇年"},
    "length": {(201, _ADDRESS): "槐荫胡同" * 20, (202, _ADDRESS): "河沿大街之" * 13},
    "code": {(301, _ETHNICITY): "99", (302, _ETHNICITY): "汉"},
    "not_null": {(401, _NAME): None, (402, _BIRTH): None},
}
_WRONG_CHECK_DIGIT_AT = (501, 502)
_DOUBLED_AT = (601, 602)

FAULT_ROWS = 2 * len(_REPLACED) + len(_WRONG_CHECK_DIGIT_AT) + 2 * len(_DOUBLED_AT)


def plant_person_faults(rows: Iterable[Row]) -> Iterator[Row]:
    """Spoil a few rows of the stream, and let two of them stand twice."""
    spoiled = {position: (column, value) for kind in _REPLACED.values() for (position, column), value in kind.items()}
    for position, row in enumerate(rows):
        if position in spoiled:
            column, value = spoiled[position]
            yield (*row[:column], value, *row[column + 1 :])
        elif position in _WRONG_CHECK_DIGIT_AT:
            number = row[_ID] or ""
            wrong = "0" if number[-1] != "0" else "1"
            yield (number[:-1] + wrong, *row[1:])
        else:
            yield row
            if position in _DOUBLED_AT:
                yield row


def planted(rows: Iterable[Row]) -> dict[str, set[str | None]]:
    """The keys of the planted faults by kind of rule, told from the sound stream (not from the checks)."""
    sound = list(rows)
    keys: dict[str, set[str | None]] = {
        kind: {sound[position][_ID] for position, _ in places} for kind, places in _REPLACED.items()
    }
    spoiled = list(plant_person_faults(sound))
    originals = {row[_ID] for row in sound}
    keys["check_digit"] = {row[_ID] for row in spoiled if row[_ID] not in originals}
    keys["unique"] = {sound[position][_ID] for position in _DOUBLED_AT}
    return keys
