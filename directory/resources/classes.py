"""Under which classes of the 2017 guide codes are minted; configuration, since the guide leaves it to the locality."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from metadata.resource import Resource

Kind = Literal["code", "identifier"]
Front = tuple[Kind, str]


@dataclass(frozen=True)
class ClassCodes:
    """The 类项目 under which codes are minted: by library, and for entries of none."""

    by_library: Mapping[str, str]
    default: str

    @property
    def configured(self) -> frozenset[str]:
        """Every class that is configured, whether or not a code was minted in it."""
        return frozenset({*self.by_library.values(), self.default})

    def with_libraries(self, class_codes: Mapping[str, str]) -> "ClassCodes":
        """These, but where the register of libraries gives a class code, that one."""
        return ClassCodes({**self.by_library, **class_codes}, self.default)

    def of(self, record: Resource) -> str:
        """The record's own class code, or its library's."""
        return record.class_code or self.by_library.get(record.library or "", self.default)

    def fronts(self, record: Resource, prefix: str | None) -> set[Front]:
        """The counters that registering this record would take from."""
        wanted: set[Front] = set()
        if not record.code:
            wanted.add(("code", self.of(record)))
        if not record.identifier and prefix:
            wanted.add(("identifier", prefix))
        return wanted
