"""The two identifiers of an entry: GB/T 21063's 前段码/后段码 and the 2017 guide's 信息资源代码.

What the system issues itself keeps to the strict forms; a code issued elsewhere is kept verbatim and only has to
contain exactly one ``/`` (``BA6006/000218`` is a real one that follows no national rule).
"""

import re
from dataclasses import dataclass
from typing import Self

from metadata.errors import MetadataError

CLASS_CODE_PATTERN = r"^[123][0-9]{5}[0-9]{0,20}$"
CODE_PATTERN = r"^[123][0-9]{5}[0-9]{0,20}/[0-9]{1,12}$"

_PREFIX = re.compile(r"[0-9A-Z]{5,6}")
_SUFFIX = re.compile(r"[0-9A-Z]{1,32}")
_CLASS_CODE = re.compile(CLASS_CODE_PATTERN[1:-1])
_CODE = re.compile(CODE_PATTERN[1:-1])
_FOREIGN_SEGMENT = re.compile(r"[^/\s]{1,100}")


@dataclass(frozen=True)
class Identifier:
    """GB/T 21063's resource identifier: the prefix a manager allotted, the suffix its holder assigned."""

    prefix: str
    suffix: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``11000/A00034VG345``; raises ``MetadataError IDENTIFIER_INVALID``."""
        prefix, slash, suffix = text.partition("/")
        if not slash or not _PREFIX.fullmatch(prefix) or not _SUFFIX.fullmatch(suffix):
            raise MetadataError("IDENTIFIER_INVALID", value=text, kind="信息资源标识符", kind_en="resource identifier")
        return cls(prefix, suffix)

    @classmethod
    def mint(cls, prefix: str, number: int) -> Self:
        """The ``number``-th identifier below a prefix: eleven digits, as long as the standard's example."""
        return cls.parse(f"{prefix}/{number:011d}")

    def __str__(self) -> str:
        return f"{self.prefix}/{self.suffix}"


@dataclass(frozen=True)
class ResourceCode:
    """A 信息资源代码: the classification (前段码) and the sequence (后段码), verbatim."""

    front: str
    back: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read any code with exactly one ``/``, ours or foreign; raises ``MetadataError IDENTIFIER_INVALID``."""
        front, slash, back = text.partition("/")
        if not slash or not _FOREIGN_SEGMENT.fullmatch(front) or not _FOREIGN_SEGMENT.fullmatch(back):
            raise MetadataError("IDENTIFIER_INVALID", value=text, kind="信息资源代码", kind_en="resource code")
        return cls(front, back)

    @classmethod
    def mint(cls, class_code: str, number: int) -> Self:
        """The ``number``-th code of a class (类项目细目); six digits, as in every national record seen.

        Raises ``MetadataError IDENTIFIER_INVALID`` when the class code is not the guide's.
        """
        text = f"{class_code}/{number:06d}"
        if not _CLASS_CODE.fullmatch(class_code) or number < 1 or not _CODE.fullmatch(text):
            raise MetadataError("IDENTIFIER_INVALID", value=text, kind="信息资源代码", kind_en="resource code")
        return cls.parse(text)

    @property
    def is_guide(self) -> bool:
        """Whether it follows the 2017 guide (类 1, 项 2, 目 3 digits, 细目 variable)."""
        return bool(_CODE.fullmatch(str(self)))

    def parts(self) -> tuple[str, str, str, str, str] | None:
        """类, 项, 目, 细目 and sequence, or None for a foreign code."""
        if not self.is_guide:
            return None
        return self.front[:1], self.front[1:3], self.front[3:6], self.front[6:], self.back

    def __str__(self) -> str:
        return f"{self.front}/{self.back}"


def is_class_code(text: str) -> bool:
    """Whether it is a 前段码 of the 2017 guide: 类 (1–3), 项, 目 and perhaps 细目, digits only."""
    return bool(_CLASS_CODE.fullmatch(text))
