"""``python -m presently_server`` is ``presently``."""

from presently_server.cli import main

main()
