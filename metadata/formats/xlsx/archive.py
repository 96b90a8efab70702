"""An xlsx file as its parts: read, changed and added by name; what is not touched is written as it was."""

import io
import posixpath
import shutil
import zipfile
import zlib
from typing import Final

from metadata.errors import MetadataError
from metadata.formats.sheet import LIMITS, Limits
from metadata.formats.xlsx.markup import Edit, apply, find, tag, to_utf8

_CONTENT_TYPES: Final = "[Content_Types].xml"
_RELATIONS_TYPE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS: Final = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
)


class Archive:
    """The parts of one file. Only what is read or written is unpacked; the rest goes over as a stream.

    Raises ``MetadataError`` on opening and reading: ``FILE_NOT_WORKBOOK``, ``FILE_TOO_LARGE``.
    """

    def __init__(self, data: bytes, name: str, limits: Limits = LIMITS) -> None:
        self._name = name
        try:
            self._source = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, ValueError) as error:
            raise self._refusal(type(error).__name__) from None
        members = [member for member in self._source.infolist() if not member.is_dir()]
        unpacked = sum(member.file_size for member in members)  # one that claims too little breaks its checksum
        if unpacked > limits.unpacked_bytes or len(members) > limits.members:
            said = f"{unpacked:,} > {limits.unpacked_bytes:,}"
            zh, en = f"解压后字节 {said}", f"unpacked bytes {said}"
            raise MetadataError("FILE_TOO_LARGE", name=name, reason=zh, reason_en=en)
        self._infos = {member.filename: member for member in members}  # of two of one name the later counts
        self._written: dict[str, bytes] = {}
        self.workbook = self._workbook()

    def read(self, part: str) -> bytes:
        """A part's bytes, in UTF-8 where it is UTF-16."""
        if part in self._written:
            return self._written[part]
        if part not in self._infos:
            raise self._refusal(f"no {part}")
        try:
            return to_utf8(self._source.read(self._infos[part]))
        except (
            zipfile.BadZipFile,
            EOFError,
            RuntimeError,
            ValueError,
            OSError,
            NotImplementedError,
            zlib.error,
        ) as error:
            raise self._refusal(type(error).__name__) from None

    def write(self, part: str, data: bytes) -> None:
        """Put a part in the place of one that is there, or add one."""
        self._written[part] = data

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part in self._written or part in self._infos

    def free_name(self, pattern: str) -> str:
        """A part's name not used yet: ``xl/comments{}.xml`` with the first number free."""
        return next(name for number in range(1, 100_000) if not self.has(name := pattern.format(number)))

    def sheets(self) -> dict[str, str]:
        """The part of each sheet by its name, in the order of the workbook."""
        targets = {number: target for number, (_, target) in self.relations(self.workbook).items()}
        found = {}
        for sheet in find(self.read(self.workbook), "sheet"):
            number = next((value for key, value in sheet.attributes.items() if key.rpartition(":")[2] == "id"), "")
            if number in targets:
                found[sheet.attributes.get("name", "")] = targets[number]
        return found

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part refers to inside the file: id -> (the type's last word, the part's name)."""
        path = _relations_of(part)
        if not self.has(path):
            return {}
        found = {}
        for each in find(self.read(path), "Relationship"):
            if each.attributes.get("TargetMode") != "External":
                kind = each.attributes.get("Type", "").rpartition("/")[2]
                target = posixpath.join(posixpath.dirname(part), each.attributes.get("Target", ""))
                found[each.attributes.get("Id", "")] = kind, posixpath.normpath(target).lstrip("/")
        return found

    def relate(self, part: str, kind: str, target: str) -> str:
        """Let a part refer to another; the id of the reference."""
        path = _relations_of(part)
        data = self.read(path) if self.has(path) else _RELATIONS
        taken = {each.attributes.get("Id", "") for each in find(data, "Relationship")}
        number = next(name for each in range(1, 100_000) if (name := f"rIdHutong{each}") not in taken)
        attributes = {"Id": number, "Type": f"{_RELATIONS_TYPE}/{kind}", "Target": f"/{target}"}
        self._written[path] = _appended(data, "Relationships", "Relationship", attributes)
        return number

    def declare(self, part: str, content_type: str) -> None:
        """Say what kind of part it is."""
        attributes = {"PartName": f"/{part}", "ContentType": content_type}
        self._written[_CONTENT_TYPES] = _appended(self.read(_CONTENT_TYPES), "Types", "Override", attributes)

    def to_bytes(self) -> bytes:
        """The file: parts in their order with their own dates and compression, new ones after them."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
            for part, info in self._infos.items():
                if part in self._written:
                    target.writestr(_copied(info), self._written[part])
                else:
                    self._copy(info, target)
            for part, data in self._written.items():
                if part not in self._infos:
                    target.writestr(_new(part), data)
        return stream.getvalue()

    def _copy(self, info: zipfile.ZipInfo, target: zipfile.ZipFile) -> None:
        try:
            with self._source.open(info) as part, target.open(_copied(info), "w") as copy:
                shutil.copyfileobj(part, copy)
        except (zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError, zlib.error) as error:
            raise self._refusal(type(error).__name__) from None

    def _refusal(self, reason: str) -> MetadataError:
        return MetadataError("FILE_NOT_WORKBOOK", name=self._name, format="xlsx", reason=reason)

    def _workbook(self) -> str:
        for kind, target in self.relations("").values():
            if kind == "officeDocument" and self.has(target):
                return target
        raise self._refusal("no workbook")


def _copied(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """The entry without what the old file said of sizes and places."""
    copy = zipfile.ZipInfo(info.filename, info.date_time)
    copy.compress_type = info.compress_type if info.compress_type == zipfile.ZIP_STORED else zipfile.ZIP_DEFLATED
    copy.external_attr = info.external_attr
    return copy


def _new(part: str) -> zipfile.ZipInfo:
    """An entry of no date: the same input gives the same bytes."""
    info = zipfile.ZipInfo(part)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _appended(part: bytes, parent: str, child: str, attributes: dict[str, str]) -> bytes:
    """The part with one more child at the end of its root."""
    (root,) = find(part, parent)[:1]
    markup = tag(f"{root.prefix}{child}", attributes).encode()
    if root.inner == root.end:  # <Types/>
        opened = part[root.start : root.end - 2].rstrip() + b">"
        return apply(part, [Edit(root.start, root.end, opened + markup + f"</{root.name}>".encode())])
    return apply(part, [Edit(root.inner_end, root.inner_end, markup)])
