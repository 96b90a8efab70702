"""Whether a record may be stored at all."""

import re
from datetime import date

import orjson

from directory.errors import DirectoryError
from metadata.formats import core_metadata_xml
from metadata.resource import Resource
from metadata.rules import check, lacks
from standards.findings import Finding, errors

# In the JSON of a record: an escape, what XML forbids, replaces or strips, an empty text in a list.
_UNUSUAL = re.compile(r'[\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]|"\s|\s"|[\[,]""')
_LONG = re.compile(r'"[^"]{201,}"')


def admit(record: Resource, today: date) -> list[Finding]:
    """The warnings of a record that may be stored, as a draft at least.

    Raises ``RESOURCE_REFUSED`` with every finding for errors and for secrets (Art. 3: they are no government data), and
    ``XML_NOT_EQUAL`` unless its core-metadata XML reads back as the same record (``XML_INVALID``: breaks the schema).
    """
    findings = check(record, today)
    findings += [each for each in lacks(record) if each.rule == "refused.secrecy"]
    refuse(errors(findings), findings)
    read = core_metadata_xml.read(core_metadata_xml.write(record))  # reading validates against the XSDs
    if read != record:
        raise DirectoryError("XML_NOT_EQUAL", what=_differing(record, read))
    return [each for each in findings if each.severity == "warning"]


def admit_plain(record: Resource, today: date) -> None:
    """As ``admit``, for one of very many: the XML is only written and read back where a text is out of the ordinary.

    That ordinary records read back equal is a property held by tests; here it would take most of an import's time.
    """
    if not is_plain(record):
        admit(record, today)
        return
    findings = check(record, today)
    findings += [each for each in lacks(record) if each.rule == "refused.secrecy"]
    refuse(errors(findings), findings)


def is_plain(record: Resource) -> bool:
    """Whether every text has nothing that XML treats in a way of its own (control characters, blanks at its ends), is
    not empty where it stands in a list, and is no longer than the shortest limit of the schema (the summary's aside).
    """
    values = record.model_dump(mode="json")
    try:
        abstract, text = orjson.dumps(values.pop("abstract")).decode(), orjson.dumps(values).decode()
    except TypeError:  # half a character
        return False
    return not (_UNUSUAL.search(abstract) or _UNUSUAL.search(text) or _LONG.search(text))


def refuse(broken: list[Finding], findings: list[Finding], code: str = "RESOURCE_REFUSED") -> None:
    """Raise ``code`` with all findings where there is at least one error."""
    if broken:
        first = broken[0]
        raise DirectoryError(code, count=len(broken), first=first.zh, first_en=first.en, findings=findings)


def _differing(one: Resource, other: Resource) -> list[str]:
    left, right = one.model_dump(mode="json"), other.model_dump(mode="json")
    return [name for name in left if left[name] != right[name]]
