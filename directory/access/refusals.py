"""Why a request may be refused: reasons the entry declares, or these, which the regulation itself gives."""

LEGAL_REASONS = (
    "法律、行政法规或者国务院决定规定不予共享",
    "超出履行职责所需范围",
    "使用依据不成立",
    "使用场景、范围与所列用途不符",
    "申请内容不真实",
)
"""From Articles 15 and 20. Missing papers are not among them: Article 21 forbids refusing for those."""


def accepted_reasons(declared: tuple[str, ...]) -> tuple[str, ...]:
    """The reasons a refusal of this entry may give."""
    return (*declared, *(reason for reason in LEGAL_REASONS if reason not in declared))
