"""Finding: the shape of every check's result in the house."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Severity = Literal["error", "warning"]


class Finding(BaseModel):
    """One thing a check has to say about one place.

    ``path`` names the place (an element path, ``items[3].length``, ``Sheet1!C7``); ``rule`` is a stable dotted name;
    ``clause`` cites the standard and clause. A rule whose source is uncertain may only give a warning.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    rule: str
    severity: Severity
    zh: str
    en: str
    clause: str = ""


def errors(findings: list[Finding]) -> list[Finding]:
    """Those findings that stop the matter."""
    return [finding for finding in findings if finding.severity == "error"]
