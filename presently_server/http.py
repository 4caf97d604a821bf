"""Asking the HTTP API from the command line: one GET, JSON back, trouble in one line."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any, Final

from presently_server.mistakes import Failed

TIMEOUT: Final = 10.0


def get(url: str, key: str, path: str) -> Any:
    """The answer of ``GET <url><path>``.

    Raises:
        Failed: No answer, or a refusal.
    """
    request = urllib.request.Request(url + path, headers={"Authorization": f"Bearer {key}"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            why = "the API key is wrong" if error.code == 401 else f"it answered {error.code}"
        raise Failed(f"{url}{path}: {why}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise Failed(f"no answer from {url}: {reason}") from None
