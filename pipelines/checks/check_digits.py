"""The check digits of GB 11643, GB 32100 and GB 11714 as SQL; no function in the database, sources are read-only.

A value is turned into bytes once (``OFFSET 0`` keeps the planner from doing it again for each digit); the pattern
before it guarantees how many there are and that they are ASCII, so that ``get_byte`` stays inside; CASE guarantees
that order.
"""

from collections.abc import Callable

from psycopg2 import sql

from pipelines.checks import patterns
from standards.check_digits import (
    ID_CHECK_CHARACTERS,
    ID_EARLIEST_BIRTH,
    ID_WEIGHTS,
    ORG_ALPHABET,
    ORG_WEIGHTS,
    USCC_ALPHABET,
    USCC_WEIGHTS,
)

_ZERO = ord("0")


def is_identity_number(text: sql.Composable) -> sql.Composable:
    """GB 11643-1999: 17 digits with a real date of birth from 1850 on, and ISO 7064 MOD 11-2; the letter is capital X.

    A birth date after today is not looked for: the same rows would then pass or fail by the hour they are checked at.
    """
    return sql.SQL(
        'CASE WHEN {text} ~ {form} AND substr({text}, 7, 8) COLLATE "C" >= {earliest} THEN'
        " (SELECT substr({characters}, mod({sum}, 11) + 1, 1) = right({text}, 1)"
        " FROM (SELECT convert_to({text}, 'UTF8') AS b OFFSET 0) AS v) ELSE false END"
    ).format(
        text=text,
        form=sql.Literal(patterns.anchored(patterns.IDENTITY_NUMBER)),
        earliest=sql.Literal(ID_EARLIEST_BIRTH.strftime("%Y%m%d")),
        characters=sql.Literal(ID_CHECK_CHARACTERS),
        sum=_weighted_sum(ID_WEIGHTS),
    )


def is_credit_code(text: sql.Composable) -> sql.Composable:
    """GB 32100-2015: 31 characters by position, weights 3^(i-1) mod 31.

    ``translate`` maps the alphabet, which has gaps, to 31 consecutive characters from ``0``, so that a byte is a value.
    """
    return sql.SQL(
        "CASE WHEN {text} ~ {form} THEN"
        " (SELECT mod({sum} + get_byte(b, 17) - {zero}, 31) = 0"
        " FROM (SELECT convert_to(translate({text}, {alphabet}, {consecutive}), 'UTF8') AS b OFFSET 0) AS v)"
        " ELSE false END"
    ).format(
        text=text,
        form=sql.Literal(patterns.anchored(patterns.CREDIT_CODE)),
        sum=_weighted_sum(USCC_WEIGHTS),
        zero=sql.Literal(_ZERO),
        alphabet=sql.Literal(USCC_ALPHABET),
        consecutive=sql.Literal(_consecutive(USCC_ALPHABET)),
    )


def is_organisation_code(text: sql.Composable) -> sql.Composable:
    """GB 11714-1997: eight digits or capitals, a hyphen or none, and the check character with X for 10."""
    return sql.SQL(
        "CASE WHEN {text} ~ {form} THEN"
        " (SELECT substr('0123456789X', mod(11 - mod({sum}, 11), 11) + 1, 1) = right({text}, 1)"
        " FROM (SELECT convert_to(translate({text}, {alphabet}, {consecutive}), 'UTF8') AS b OFFSET 0) AS v)"
        " ELSE false END"
    ).format(
        text=text,
        form=sql.Literal(patterns.anchored(patterns.ORGANISATION_CODE)),
        sum=_weighted_sum(ORG_WEIGHTS),
        alphabet=sql.Literal(ORG_ALPHABET),
        consecutive=sql.Literal(_consecutive(ORG_ALPHABET)),
    )


def _consecutive(alphabet: str) -> str:
    return "".join(chr(_ZERO + value) for value in range(len(alphabet)))


def _weighted_sum(weights: tuple[int, ...]) -> sql.Composable:
    return sql.SQL(" + ".join(f"{weight} * get_byte(b, {i})" for i, weight in enumerate(weights)) + " - {}").format(
        sql.Literal(_ZERO * sum(weights))
    )


IS_VALID: dict[str, Callable[[sql.Composable], sql.Composable]] = {
    "GB 11643": is_identity_number,
    "GB 32100": is_credit_code,
    "GB 11714": is_organisation_code,
}
