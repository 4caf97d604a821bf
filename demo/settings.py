"""What the demo needs to know, and where a browser finds the gateway."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent


class SettingsError(ValueError):
    """A setting is missing or wrong; the message names its variable."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One demo. `database` and `jwt_key` are required, the rest has a place to start from."""

    database: str
    """DSN of the PostgreSQL that holds the articles."""
    jwt_key: str
    """Signs the tokens of browsers; one of the gateway's `PRESENTLY_JWT_KEYS`."""
    gateway: str | None = None
    """WebSocket URL as browsers see it. None: the page's own host, at `gateway_port`."""
    gateway_port: int | None = None
    """None: the port after the page's own, as `presently dev` lays them out."""
    psql: str | None = None
    """The command shown for changing a row by hand. None: `psql` with the DSN."""
    browser: Path = ROOT / "browser" / "src"
    """The folder of the browser client, served at `/presently/`."""

    def gateway_url(self, scheme: str, host: str, port: int) -> str:
        """Return the gateway's URL for a page that was asked for at `scheme://host:port`."""
        if self.gateway is not None:
            return self.gateway
        name = f"[{host}]" if ":" in host else host
        secure = "wss" if scheme == "https" else "ws"
        return f"{secure}://{name}:{self.gateway_port or port + 1}/"

    def psql_line(self, statement: str) -> str:
        """Return the shell line that runs one SQL statement on the demo's database."""
        command = self.psql or f"psql {shlex.quote(self.database)}"
        return f'{command} -c "{statement}"'


def from_environment(environ: Mapping[str, str]) -> Settings:
    """
    Read `DEMO_DATABASE_URL`, `DEMO_JWT_KEY`, `DEMO_GATEWAY_URL` and `DEMO_PSQL`.

    The first two are required. Each may be given as `<name>_FILE`, the path of a file with it.

    Raises:
        SettingsError: missing, or a file that cannot be read; names the variable.
    """
    return Settings(
        database=_required(environ, "DEMO_DATABASE_URL"),
        jwt_key=_required(environ, "DEMO_JWT_KEY"),
        gateway=_given(environ, "DEMO_GATEWAY_URL"),
        psql=_given(environ, "DEMO_PSQL"),
    )


def _required(environ: Mapping[str, str], name: str) -> str:
    if value := _given(environ, name):
        return value
    raise SettingsError(f"{name} (or {name}_FILE) is not set")


def _given(environ: Mapping[str, str], name: str) -> str | None:
    if path := environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise SettingsError(f"{name}_FILE: {error.strerror}: {path}") from error
    return environ.get(name) or None
