"""`python -m demo`: the demo as a process of its own, as in `compose.yaml`."""

import os
import signal
import sys

import uvicorn

from demo.app import create_app
from demo.settings import SettingsError, from_environment


def main() -> int:
    """Serve on `DEMO_HOST` and `DEMO_PORT` (127.0.0.1, 8000); exit 2 if a setting is wrong."""
    try:
        settings = from_environment(os.environ)
        port = int(os.environ.get("DEMO_PORT", "8000"))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except ValueError:
        print("DEMO_PORT is not a number", file=sys.stderr)
        return 2
    # uvicorn ends in good order and then raises the signal again, which would end us with 143.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        create_app(settings),
        host=os.environ.get("DEMO_HOST", "127.0.0.1"),
        port=port,
        timeout_graceful_shutdown=5,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
