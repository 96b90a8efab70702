"""Whether a record may be stored at all."""

from datetime import date

from directory.errors import DirectoryError
from metadata.formats import core_metadata_xml
from metadata.resource import Resource
from metadata.rules import check, lacks
from standards.findings import Finding, errors


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
        raise DirectoryError("XML_NOT_EQUAL", what="、".join(_differing(record, read)))
    return [each for each in findings if each.severity == "warning"]


def refuse(broken: list[Finding], findings: list[Finding], code: str = "RESOURCE_REFUSED") -> None:
    """Raise ``code`` with all findings where there is at least one error."""
    if broken:
        first = broken[0]
        raise DirectoryError(code, count=len(broken), first=first.zh, first_en=first.en, findings=findings)


def _differing(one: Resource, other: Resource) -> list[str]:
    left, right = one.model_dump(mode="json"), other.model_dump(mode="json")
    return [name for name in left if left[name] != right[name]]
