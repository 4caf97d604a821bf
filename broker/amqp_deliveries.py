"""Frames of a channel into deliveries. Pure."""

from __future__ import annotations

from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from broker.port import Delivery


class Assembler:
    """Puts the frames of a delivery together: method, header, any number of bodies."""

    def __init__(self) -> None:
        self._method: Basic.Deliver | None = None
        self._header: ContentHeader | None = None
        self._parts: list[bytes] = []
        self._missing = 0

    def begin(self, method: Basic.Deliver) -> None:
        """A delivery begins."""
        self._method = method

    def header(self, header: ContentHeader) -> Delivery | None:
        """Its header came. Return it if it has no body."""
        self._header = header
        self._parts = []
        self._missing = header.body_size
        return None if self._missing else self._whole()

    def body(self, body: ContentBody) -> Delivery | None:
        """A part of its body came. Return it if that was the last."""
        part = body.value or b""
        self._parts.append(part)
        self._missing -= len(part)
        return None if self._missing > 0 else self._whole()

    def _whole(self) -> Delivery:
        assert self._method is not None
        assert self._header is not None
        method, properties = self._method, self._header.properties
        headers = properties.headers or {}
        offset = headers.get("x-stream-offset")
        return Delivery(
            tag=method.delivery_tag or 0,
            exchange=method.exchange or "",
            key=method.routing_key or "",
            body=self._parts[0] if len(self._parts) == 1 else b"".join(self._parts),
            headers=headers,
            content_type=properties.content_type or "",
            message_id=properties.message_id or "",
            redelivered=bool(method.redelivered),
            offset=offset if isinstance(offset, int) else None,
        )
