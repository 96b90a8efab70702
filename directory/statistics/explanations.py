"""What is refused about statistics."""

from collections.abc import Mapping
from typing import Final

from standards.errors import Explanation

EXPLANATIONS: Final[Mapping[str, Explanation]] = {
    "STATISTICS_PERIOD": Explanation(
        zh="没有这一时期的统计；可查 {first} 至 {last}",
        en="there are no statistics of that time; {first} to {last} can be asked for",
        next_step="改查其中的年或月，如 2026 或 2026-03。",
    ),
}
