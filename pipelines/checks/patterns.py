"""What a value of each type letter looks like as text, in the dialect that PostgreSQL and Python's ``re`` share."""

from standards.check_digits import USCC_ALPHABET

_YEAR = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_LEAP_YEAR = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"


def _real_date(separator: str) -> str:
    """Years 0001 to 9999, months and days of the Gregorian calendar, 29 February in leap years only."""
    month_day = (
        f"(?:(?:0[13578]|1[02]){separator}(?:0[1-9]|[12][0-9]|3[01])"
        f"|(?:0[469]|11){separator}(?:0[1-9]|[12][0-9]|30)"
        f"|02{separator}(?:0[1-9]|1[0-9]|2[0-8]))"
    )
    return f"(?:{_YEAR}{separator}{month_day}|{_LEAP_YEAR}{separator}02{separator}29)"


COMPACT_DATE = _real_date("")  # YYYYMMDD, as data items usually write it (standards/05 §8)
DASHED_DATE = _real_date("-")
DATE = f"(?:{COMPACT_DATE}|{DASHED_DATE})"
_OFFSET = "(?:Z|[+-](?:0[0-9]|1[0-5])(?::?[0-5][0-9])?)"
_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{1,6})?"
_COMPACT_TIME = "(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]"
TIMESTAMP = f"(?:{DASHED_DATE}[ T]{_TIME}{_OFFSET}?|{COMPACT_DATE}{_COMPACT_TIME})"
LOCAL_DAY = f"(?:{DATE}|{DASHED_DATE}[ T]{_TIME}|{COMPACT_DATE}{_COMPACT_TIME})"  # no offset that moves the day
PLAIN_NUMBER = "[+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)"
NUMBER = f"{PLAIN_NUMBER}(?:[eE][+-]?[0-9]{{1,3}})?"
INTEGER = "[+-]?[0-9]+"
LOGICAL = "(?:0|1|t|f|T|F|true|false|TRUE|FALSE|y|n|Y|N|是|否)"

OF_TYPE = {
    "D": DATE,
    "T": TIMESTAMP,
    "N": NUMBER,
    "Y": NUMBER,
    "B": NUMBER,
    "F": NUMBER,
    "I": INTEGER,
    "L": LOGICAL,
}

IDENTITY_NUMBER = f"[0-9]{{6}}{COMPACT_DATE}[0-9]{{3}}[0-9X]"  # region, date of birth, sequence, check
ORGANISATION_CODE = "[0-9A-Z]{8}-?[0-9X]"
CREDIT_CODE = f"[{USCC_ALPHABET}]{{2}}[0-9]{{6}}[{USCC_ALPHABET}]{{10}}"


def anchored(pattern: str) -> str:
    r"""The pattern for the whole value; ``\A`` and ``\Z`` mean the same to both engines, ``$`` would not."""
    return rf"\A(?:{pattern})\Z"
