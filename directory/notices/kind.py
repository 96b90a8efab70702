"""What a kind of notice is: its sentences in both languages, what it is about, where it leads. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from string import Formatter


@dataclass(frozen=True)
class Kind:
    """``zh`` and ``en`` are templates over the notice's parameters, and ``link`` over those and ``{id}``.

    ``subject`` is a name of ``visibility.SUBJECTS`` and says who may see it, or empty where the notice is about no
    single thing. Parameters are titles, names of departments, days and counts; never a row's value, never a secret.
    """

    subject: str
    link: str
    zh: str
    en: str

    @cached_property
    def parameters(self) -> frozenset[str]:
        """The names that ``tell`` must be given."""
        texts = (self.zh, self.en, self.link)
        return frozenset(name for text in texts for _, name, _, _ in Formatter().parse(text) if name) - {"id"}


Parameters = Mapping[str, str | int]
