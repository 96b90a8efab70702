"""Schemathesis over the whole OpenAPI document, as several people: no server error, and answers as documented.

Examples are drawn from a fixed seed, so that a run is the same everywhere. ``HUTONG_FUZZ=50`` draws that many for each
operation from a new seed (``make fuzz``), which is printed; ``HUTONG_FUZZ_SEED`` repeats it.
"""

import os
import random
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode

from tests.directory.hostile.sending import CHECKS, send

EXAMPLES = int(os.environ.get("HUTONG_FUZZ", "0"))
SEED = int(os.environ.get("HUTONG_FUZZ_SEED", "0")) or (random.SystemRandom().randrange(1, 2**31) if EXAMPLES else 3)
ENDS_THE_SESSION = "DELETE /api/v1/session"


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_operation_answers_as_documented(scene: Any, mode: GenerationMode) -> None:
    """Positive examples fit the document, negative ones break it in one place or more."""
    print(f"HUTONG_FUZZ_SEED={SEED}")
    schema = schemathesis.openapi.from_dict(scene.app.openapi())
    wrong: dict[str, str] = {}
    seen: dict[str, Counter[int]] = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        try:
            _run(scene, operation, mode, wrong, seen.setdefault(operation.label, Counter()))
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, operation.label  # nothing in it that could be wrong
    print(*(f"{label} {dict(sorted(statuses.items()))}" for label, statuses in seen.items()), sep="\n")
    assert not wrong, "\n\n".join(f"{label}: {what}" for label, what in wrong.items())


def _run(scene: Any, operation: Any, mode: GenerationMode, wrong: dict[str, str], seen: Counter[int]) -> None:
    people = ["nobody"] if operation.label == ENDS_THE_SESSION else list(scene.people)

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES or (6 if mode is GenerationMode.POSITIVE else 3),
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=mode),
        who=st.sampled_from(people),
        choice=st.integers(0, 7),
    )
    def run(case: Any, who: str, choice: int) -> None:
        if choice:  # most examples are about something that exists
            _mean(case, scene, choice, is_body_meant=mode is GenerationMode.POSITIVE)
        answer = send(scene.people[who], case)
        seen[answer.status_code] += 1
        try:
            scene.judge(answer, (who, operation.label, case.path_parameters, case.query, str(case.body)[:1000]))
            case.validate_response(answer, checks=CHECKS)
        except (AssertionError, FailureGroup) as error:
            wrong.setdefault(f"{operation.label} as {who}", str(error)[:2000])

    run()


def _mean(case: Any, scene: Any, choice: int, *, is_body_meant: bool) -> None:
    """Put values that exist where the generator made some up."""
    case.path_parameters = {
        name: _one_of(scene.known, name, choice, value) for name, value in (case.path_parameters or {}).items()
    }
    if "if-match" in (case.headers or {}):
        case.headers["if-match"] = f'"{choice % 4}"'
    if is_body_meant and isinstance(case.body, dict):
        case.body = {name: _one_of(scene.meant, name, choice, value) for name, value in case.body.items()}


def _one_of(known: Mapping[str, Any], name: str, choice: int, value: Any) -> Any:
    return known[name][choice % len(known[name])] if name in known else value
