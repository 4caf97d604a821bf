"""How long the machines run: `quick` in the suite, `thorough` when somebody asks for it.

    PRESENTLY_HYPOTHESIS=thorough .venv/bin/pytest -o faulthandler_timeout=0 tests/property

Quick runs are the same every time, so that the suite is red only for what was changed. Thorough
ones are random, many times longer, and print a blob with which a failure can be had again.
"""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.stateful import RuleBasedStateMachine

THOROUGH: Final = os.environ.get("PRESENTLY_HYPOTHESIS") == "thorough"
TIMES: Final = int(os.environ.get("PRESENTLY_HYPOTHESIS_TIMES", "50"))
"""So many times the examples of a quick run."""


def pace(examples: int, steps: int = 50) -> settings:
    """Settings for one test.

    Args:
        examples: Of a quick run.
        steps: Of one example, where it is a machine's.
    """
    return settings(
        max_examples=examples * TIMES if THOROUGH else examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=not THOROUGH,
        database=DirectoryBasedExampleDatabase(".hypothesis/examples") if THOROUGH else None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck) if THOROUGH else [HealthCheck.too_slow],
    )


def run(machine: type[RuleBasedStateMachine], examples: int, steps: int = 50) -> type:
    """The machine as a test case."""
    machine.TestCase.settings = pace(examples, steps)
    return machine.TestCase
