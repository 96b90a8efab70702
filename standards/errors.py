"""The shape of every error in the house, and this package's own.

A package declares its codes once, in a table; code raises ``PackageError("CODE", value=...)`` and nobody else writes
sentences. A code is stable: programs may rely on it, words may be improved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Explanation:
    """What one code means. The sentences are templates over the values given when raising.

    ``next_cli`` is the next step for whoever types commands, where ``next_step`` speaks of pages.
    ``status`` is the HTTP status (RFC 9110) a server answers with; ``is_transient`` says that trying again can help.
    """

    zh: str
    en: str
    next_step: str
    status: int = 400
    is_transient: bool = False
    next_cli: str = ""


class ExplainedError(Exception):
    """An error that says what is wrong and what to do next; each package derives exactly one base class from it.

    A value that is words comes in both languages: where ``reason_en`` is given beside ``reason``, English says it.
    Several of a kind are given as a list or tuple, and stand as each language separates them.
    """

    explanations: ClassVar[Mapping[str, Explanation]] = {}

    def __init__(self, code: str, **values: object) -> None:
        explanation = self.explanations[code]
        self.code = code
        self.values = values
        chinese = _Listed("、", values)
        english = {name.removesuffix("_en"): value for name, value in values.items() if name.endswith("_en")}
        self.zh = explanation.zh.format_map(chinese)
        self.en = explanation.en.format_map(_Listed(", ", values | english))
        self.next_step = explanation.next_step.format_map(chinese)
        self.next_cli = (explanation.next_cli or explanation.next_step).format_map(chinese)
        self.status = explanation.status
        self.is_transient = explanation.is_transient
        super().__init__(f"{code}: {self.en}")

    def __str__(self) -> str:
        return f"{self.code}: {self.zh} ({self.en})"

    @property
    def in_words(self) -> str:
        """What is wrong and what to do next, as it stands beside the field of a form."""
        return f"{self.zh}。{self.next_step}"

    def problem(self) -> dict[str, object]:
        """RFC 9457 problem object: type, title, status, detail, and our code, detail_en and next_step."""
        return {
            "type": f"urn:hutong:problem:{self.code}",
            "title": self.code,
            "status": self.status,
            "detail": self.zh,
            "code": self.code,
            "detail_en": self.en,
            "next_step": self.next_step,
        }


class _Listed(dict[str, object]):
    """Values as they stand in a sentence, put together only where it names them: ten thousand findings are in none."""

    def __init__(self, separator: str, values: Mapping[str, object]) -> None:
        super().__init__(values)
        self._separator = separator

    def __getitem__(self, name: str) -> object:
        value = super().__getitem__(name)
        return self._separator.join(map(str, value)) if isinstance(value, list | tuple) else value


class StandardsError(ExplainedError):
    """Input that breaks an outside rule so badly that it cannot be read at all."""

    explanations: ClassVar[Mapping[str, Explanation]] = {
        "XML_FORBIDDEN": Explanation(
            zh="XML 含有文档类型声明或实体，不予读取：{what}",
            en="the XML has a document type declaration or entities and is not read: {what}",
            next_step="删除 <!DOCTYPE …> 声明后重新提交。",
        ),
        "XML_MALFORMED": Explanation(
            zh="不是格式正确的 XML：第 {line} 行，{what}",
            en="not well-formed XML: line {line}, {what}",
            next_step="用 XML 编辑器改正所指行后重新提交。",
        ),
        "XML_TOO_LARGE": Explanation(
            zh="XML 超出限制：{what}",
            en="the XML is over a limit: {what}",
            next_step="拆分文件，或减少嵌套层数后重新提交。",
            status=413,
        ),
        "XML_TEXT_FORBIDDEN": Explanation(
            zh="{path} 含有 XML 不能写入的字符 {character}",
            en="{path} contains the character {character}, which XML cannot hold",
            next_step="删除该字符后再导出；系统不会替您改动内容。",
            status=422,
        ),
        "UNKNOWN_STANDARD": Explanation(
            zh="没有名为 {name} 的标准数据",
            en="there is no standard data named {name}",
            next_step="用 standards/README.md 所列名称之一。",
            status=404,
        ),
        "STANDARD_ALTERED": Explanation(
            zh="标准数据 {name} 与登记的摘要不符，不予使用",
            en="the standard data {name} differ from their recorded digest and are not used",
            next_step="重新安装本软件；若是有意修改，请同时更新其 toml 中的 sha256。",
            status=500,
        ),
        "SIGNATURE_INVALID": Explanation(
            zh="签名无效：{what}",
            en="the signature is not valid: {what}",
            next_step="核对签名方的密钥是否与登记的一致。",
            status=401,
        ),
        "KEY_UNREADABLE": Explanation(
            zh="密钥读不出：{what}",
            en="the key cannot be read: {what}",
            next_step="核对密钥文件及其口令。",
        ),
        "DECRYPTION_FAILED": Explanation(
            zh="解密失败：{what}",
            en="decryption failed: {what}",
            next_step="数据在途中被改动或密钥不符；保留原文件并通知提供部门。",
        ),
        "SM2_UNAVAILABLE": Explanation(
            zh="本机没有可用的 SM2 算法实现",
            en="this machine has no SM2 that works",
            next_step="安装 OpenSSL 3 的 libcrypto（含 SM2），或重新安装 gmssl-pyx。",
            status=503,
        ),
        "REQUEST_UNSIGNED": Explanation(
            zh="请求没有签名：缺 {what}",
            en="the request is not signed: {what} is missing",
            next_step="按 RFC 9421 用节点身份密钥签名后重新发送。",
            status=401,
        ),
        "REQUEST_SIGNATURE_MALFORMED": Explanation(
            zh="请求签名的写法不合约定：{what}",
            en="the request's signature headers do not follow the profile: {what}",
            next_step="签名须恰好覆盖 @method、@path、@query，有正文时还有 content-digest。",
            status=401,
        ),
        "REQUEST_EXPIRED": Explanation(
            zh="请求签名已过期（{seconds} 秒前失效）",
            en="the request's signature expired {seconds} s ago",
            next_step="重新签名后发送；若每次都过期，校准两端时钟。",
            status=401,
            is_transient=True,
        ),
        "REQUEST_REPLAYED": Explanation(
            zh="节点 {node_id} 的这次请求已经来过一次，不再处理",
            en="this very request of {node_id} has come before and is not done again",
            next_step="重新签名后发送；若节点没有发过两次，按重放攻击处理。",
            status=401,
            is_transient=True,
        ),
        "CLOCK_SKEW": Explanation(
            zh="请求的签名时间与本机时钟相差 {seconds} 秒，超过 {limit} 秒",
            en="the request was signed {seconds} s away from this clock; {limit} s are allowed",
            next_step="用 NTP 校准两端时钟；若时钟无误，按重放攻击处理。",
            status=401,
        ),
        "SIGNER_UNKNOWN": Explanation(
            zh="不认识签名方 {node_id}，或其登记已撤销",
            en="the signer {node_id} is not enrolled here, or revoked",
            next_step="先在目录服务登记该节点，并等待信任信息同步。",
            status=401,
        ),
        "BODY_DIGEST_MISMATCH": Explanation(
            zh="请求正文与其 Content-Digest 不符：{what}",
            en="the request's body does not match its Content-Digest: {what}",
            next_step="正文在途中被改动或截断，重新发送；再次发生时按安全事件处理。",
            status=401,
        ),
    }
