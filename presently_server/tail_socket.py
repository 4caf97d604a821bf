"""A document's frames over one WebSocket after the other, as `presently tail` shows them.

What a client does after a close is said in ``schemas.close``: 44xx ends it, all else comes back
and resumes after the last event seen.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from broker.backoff import LONGEST, pause
from presently_server.mistakes import Failed
from schemas.close import STANDARD_STOP, CloseCode
from schemas.frames import SUBPROTOCOL

FRAME_BYTES: Final = 8 * 1024 * 1024
_FLOORS: Final[Mapping[int, float]] = {
    CloseCode.TOO_MANY_CONNECTIONS: 30.0,
    CloseCode.RATE: 10.0,
}
"""Seconds to stay away at least."""
_AWAY: Final = (OSError, TimeoutError, InvalidHandshake)
_PROTOCOL: Final[Any] = SUBPROTOCOL


class _Ended(Exception):
    """This socket is no more; the next may be better.

    Attributes:
        floor: Seconds to wait at least; ``None``: not at all.
    """

    def __init__(self, why: str, floor: float | None = 0.0) -> None:
        super().__init__(why)
        self.floor = floor


class Watch:
    """One document, watched for as long as the gateway lets us.

    Args:
        token: Mints a token for each connection.
        tell: Told, for people, that the gateway went away and is back.
    """

    def __init__(
        self,
        url: str,
        document: str,
        token: Callable[[], str],
        tell: Callable[[str], None],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._url = url
        self._document = document
        self._token = token
        self._tell = tell
        self._sleep = sleep
        self._since: dict[str, Any] | None = None
        self._joined = False

    async def frames(self) -> AsyncIterator[dict[str, Any]]:
        """Every frame about the document, from ``joined`` on; a ``joined`` for each connection.

        Raises:
            Failed: The first connection failed, or the gateway refuses us.
        """
        tries = 0
        now = asyncio.get_running_loop().time
        while True:
            began = now()
            try:
                async for frame in self._one():
                    yield frame
            except _Ended as error:
                if not self._joined:
                    raise Failed(str(error)) from None
                if now() - began > LONGEST:  # it was good for a while
                    tries = 0
                if tries == 0:
                    self._tell(f"{error}; trying again")
                if error.floor is not None:
                    await self._sleep(error.floor + pause(tries, random.random()))
                tries += 1

    async def _one(self) -> AsyncIterator[dict[str, Any]]:
        """One connection's frames, until it ends."""
        try:
            async with connect(
                self._url, subprotocols=[_PROTOCOL], max_size=FRAME_BYTES, open_timeout=5
            ) as socket:
                await self._say_hello(socket)
                async for text in socket:
                    frame = json.loads(text)
                    if await self._concerns(frame, socket):
                        yield frame
                raise _judge(socket)
        except ConnectionClosed:
            raise _judge(socket) from None
        except InvalidURI as error:
            raise Failed(str(error)) from None
        except _AWAY as error:
            raise _Ended(f"no gateway at {self._url}: {error or type(error).__name__}") from None

    async def _concerns(self, frame: Mapping[str, Any], socket: ClientConnection) -> bool:
        """Answer what is only between the gateway and us, and note where we are."""
        match frame:
            case {"type": "ping"}:
                await socket.send('{"type":"pong"}')
                return False
            case {"type": "welcome" | "ok"}:
                return False
            case {"type": "error", "code": code, "message": message}:
                if frame.get("temporary") and self._joined:
                    raise _Ended(f"{message} ({code})")
                raise Failed(f"{message} ({code})")
            case {"type": "joined" | "reset", "epoch": epoch, "seq": seq}:
                if self._joined and frame["type"] == "joined":
                    self._tell("the gateway is back")
                self._joined = True
                self._since = {"epoch": epoch, "seq": seq}
            case {"type": "event", "document": self._document, "seq": seq} if self._since:
                self._since["seq"] = seq
        return True

    async def _say_hello(self, socket: ClientConnection) -> None:
        client = {"name": "presently tail"}
        hello = {"type": "hello", "id": "0", "token": self._token(), "client": client}
        join: dict[str, Any] = {"type": "join", "id": "1", "document": self._document}
        join["mode"] = "watching"
        if self._since is not None and not self._document.endswith(".~"):
            join["since"] = self._since  # a list is not resumed
        await socket.send(json.dumps(hello))
        await socket.send(json.dumps(join))


def _judge(socket: ClientConnection) -> Exception:
    """What its close means for us."""
    code = socket.close_code or 1006
    why = f"the gateway has ended the connection ({code} {socket.close_reason or ''}".rstrip() + ")"
    if code // 100 == 44 or code in STANDARD_STOP:
        return Failed(why)
    return _Ended(why, None if code // 100 == 41 else _FLOORS.get(code, 0.0))
