"""Which department a list means: by its code, its name or its short name."""

from collections.abc import Sequence

from directory.organisations.models import Organisation


class Departments:
    """The departments there are, by what a list may call them."""

    def __init__(self, every: Sequence[Organisation]) -> None:
        self._codes: dict[str, set[str]] = {}
        self._closed: set[str] = set()
        for each in every:
            for word in {each.code, each.name, each.short_name} - {""}:
                if each.closed_on is None:
                    self._codes.setdefault(word, set()).add(each.code)
                else:
                    self._closed.add(word)

    def find(self, words: str) -> tuple[str, str]:
        """The code, and why there is none: nobody is called so, somebody was, or several are."""
        codes = self._codes.get(words, set())
        if len(codes) == 1:
            return next(iter(codes)), ""
        if codes:
            return "", f"有 {len(codes)} 个部门叫“{words[:50]}”，请写全称或统一社会信用代码"
        if words in self._closed:
            return "", f"部门“{words[:50]}”已撤并，请写承接的部门"
        return "", f"没有部门“{words[:50]}”" if words else "没有写部门"
