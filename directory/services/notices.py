"""What is told of a change or ending of a service, and of items that change under a running grant. Pure."""

from collections.abc import Mapping
from typing import Final

from directory.notices.kind import Kind


def _of_service(zh: str, en: str) -> Kind:
    return Kind(subject="service", link="/services/{id}", zh=zh, en=en)


KINDS: Final[Mapping[str, Kind]] = {
    "service:announced_change": _of_service(
        "“{title}”的提供部门拟自 {day} 起变更服务，请在 {answer_by} 前表示同意或提出异议（条例第二十七条）",
        "the provider of {title} means to change the service from {day}; answer by {answer_by} (Art. 27)",
    ),
    "service:announced_end": _of_service(
        "“{title}”的提供部门拟自 {day} 起终止服务，请在 {answer_by} 前表示同意或提出异议（条例第二十七条）",
        "the provider of {title} means to end the service from {day}; answer by {answer_by} (Art. 27)",
    ),
    "service:agreed": _of_service(
        "{org}同意“{title}”服务的变化", "{org} agrees to the change or ending of the service of {title}"
    ),
    "service:objected": _of_service(
        "{org}对“{title}”服务的变化有异议，请协商答复", "{org} objects to what was announced for {title}"
    ),
    "service:answered": _of_service(
        "“{title}”的提供部门答复了对服务变更的异议", "the provider of {title} answered what was objected"
    ),
    "service:filed": _of_service(
        "“{title}”服务的变化已由信息办备案，到生效日即可办理", "what was announced for {title} has been filed"
    ),
    "service:withdrawn": _of_service(
        "“{title}”的提供部门撤回了服务变更，服务照旧", "what was announced for {title} is withdrawn"
    ),
    "item_change:told": Kind(
        subject="request",
        link="/requests/{id}#changed-items",
        zh="“{title}”发布了新版本，您正在使用的数据项有 {count} 处变化，请核对后知悉",
        en="a new version of {title} changes {count} things about the items you use",
    ),
}
