"""Whatever one browser does, it gets its answer and its neighbour never notices."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from typing import Any

import jwt
import pytest
import structlog
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from schemas import limits
from tests.integration.gateway.support import Browser, House, house, token
from tests.support.eventually import eventually

DOC = "article.42"


async def neighbours(built: House) -> tuple[Browser, Browser]:
    """Somebody at the document, and a socket that will misbehave beside them."""
    leela = await built.browser("leela")
    await leela.ask("join", document=DOC)
    return leela, await built.browser("fry")


async def unharmed(leela: Browser) -> None:
    answer = await leela.ask("send", document=DOC, event={"type": "still.here"})
    assert answer["type"] == "ok"
    await leela.hears(type="event", seq=answer["seq"])


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("{", "bad_frame"),
        ("[1,2]", "bad_frame"),
        ('{"type":"join","document":7}', "bad_frame"),
        ('{"type":"join","document":"no id"}', "bad_frame"),
        ('{"type":"dance"}', "unknown_type"),
        ('{"type":"update","document":"article.42","mode":"editing"}', "not_joined"),
        ('{"type":"send","document":"article.42","event":{"type":"x"}}', "not_joined"),
    ],
)
async def test_nonsense_gets_an_answer(sent: str, code: str) -> None:
    async with house() as built:
        leela, fry = await neighbours(built)
        await fry.socket.send(sent)
        error = await fry.hears(type="error")
        assert (error["code"], error["temporary"]) == (code, False)
        await unharmed(leela)


async def test_a_forged_change_is_forbidden() -> None:
    async with house() as built:
        leela, fry = await neighbours(built)
        await fry.ask("join", document=DOC)
        forged = {"type": "presently.change", "actor": "leela", "data": {"op": "u"}}
        error = await fry.ask("send", document=DOC, event=forged)
        assert error["code"] == "forbidden"
        await unharmed(leela)
        assert [f["event"]["type"] for f in leela.all(type="event")] == ["still.here"]


async def test_what_the_token_does_not_allow_is_forbidden() -> None:
    async with house() as built:
        guest = await built.dial()
        await guest.ask("hello", token=token("fry", docs={"article.42": "read"}))
        for sent in (
            {"type": "join", "document": "article.43"},
            {"type": "join", "document": "article.~"},
            {"type": "join", "document": DOC, "mode": "editing"},
        ):
            assert (await guest.ask(**sent))["code"] == "forbidden"
        assert (await guest.ask("join", document=DOC))["type"] == "joined"
        assert (await guest.ask("join", document="user.fry"))["type"] == "joined"
        sent = await guest.ask("send", document=DOC, event={"type": "x"})
        assert sent["code"] == "forbidden"


@pytest.mark.parametrize(
    ("given", "code"),
    [("nonsense", "unauthorized"), (token("fry", ttl=-5), "expired"), (None, "unauthorized")],
)
async def test_a_bad_token_is_accepted_and_then_closed_4401(given: Any, code: str) -> None:
    async with house() as built:
        browser = await built.dial()
        await browser.say("hello", token=given)
        assert (await browser.hears(type="error"))["code"] == code
        await eventually(lambda: browser.code == 4401)


async def test_a_token_whose_fault_is_long_is_closed_4401_all_the_same() -> None:
    async with house(hub=False) as built:
        said = jwt.encode({"sub": "fry"}, "x" * 32, headers={"crit": ["日本語" * 30]})
        browser = await built.dial()
        await browser.say("hello", token=said)
        assert (await browser.hears(type="error"))["code"] == "unauthorized"
        await eventually(lambda: browser.code == 4401)


async def test_no_hello_is_closed_4002() -> None:
    async with house(hello_ms=100) as built:
        browser = await built.dial()
        await eventually(lambda: browser.code == 4002)


async def test_no_pong_is_closed_4001_and_a_pong_is_not() -> None:
    async with house(ping_ms=100, pong_ms=1_500) as built:
        leela = await built.browser("leela")
        async with connect(built.url(), ping_interval=None) as mute:
            await mute.send('{"type":"hello","token":"' + token("fry") + '"}')
            await mute.wait_closed()
            assert mute.close_code == 4001
        assert leela.code is None
        assert len(leela.all(type="ping")) > 1


async def test_an_expired_token_is_closed_4401_unless_renewed() -> None:
    async with house() as built:
        leela, fry = await built.dial(), await built.dial()
        for browser, name in ((leela, "leela"), (fry, "fry")):
            await browser.ask("hello", token=token(name, ttl=2))
        assert (await leela.ask("token", token=token("leela")))["type"] == "ok"
        await eventually(lambda: fry.code == 4401)
        assert fry.all(type="error", code="expired")
        assert leela.code is None


async def test_rubbish_without_end_is_closed_4400() -> None:
    async with house() as built:
        leela, fry = await neighbours(built)
        for _ in range(20):
            await fry.socket.send("{")
        await eventually(lambda: fry.code == 4400)
        await unharmed(leela)


async def test_a_binary_frame_that_is_no_json_is_closed_4400() -> None:
    async with house() as built:
        leela, fry = await neighbours(built)
        await fry.socket.send(b"\x00\x01")
        await eventually(lambda: fry.code == 4400)
        await unharmed(leela)


async def test_a_state_that_is_not_utf_8_reaches_nobody() -> None:
    async with house() as built:
        leela, fry = await neighbours(built)
        await fry.socket.send(b'{"type":"join","document":"article.42","state":{"x":"\xff"}}')
        await eventually(lambda: fry.code == 4400)
        await unharmed(leela)
        assert leela.code is None


async def test_a_frame_too_big_is_closed_1009() -> None:
    async with house() as built:
        leela, fry = await neighbours(built)
        await fry.socket.send("x" * (limits.FRAME_BYTES + 1))
        await eventually(lambda: fry.code == 1009)
        await unharmed(leela)


async def test_a_flood_is_closed_4029() -> None:
    async with house(frames_burst=10, frames_per_second=5) as built:
        leela, fry = await neighbours(built)
        for n in range(200):
            await fry.say("sync", document=DOC, id=n)
        limited = await fry.hears(type="error", code="rate_limited")
        assert limited["retry_in_ms"] > 0
        await eventually(lambda: fry.code == 4029)
        await unharmed(leela)


async def test_one_connection_too_many_is_closed_4009() -> None:
    async with house(connections_per_user=2) as built:
        first, second = [await built.browser("fry") for _ in range(2)]
        third = await built.dial()
        await third.say("hello", token=token("fry"))
        await eventually(lambda: third.code == 4009)
        await first.socket.close()
        fourth = await eventually(lambda: again(built))
        assert second.code is fourth.code is None


async def again(built: House) -> Browser:
    return await built.browser("fry")


async def test_the_token_may_come_as_a_subprotocol_or_header() -> None:
    async with house() as built:
        offered: Any = ["presently.v1.json", f"bearer.{token('leela')}"]
        browser = await built.dial(subprotocols=offered)
        assert browser.socket.subprotocol == "presently.v1.json"
        assert (await browser.ask("hello"))["user"]["id"] == "leela"
        headers = {"Authorization": f"Bearer {token('fry')}"}
        plain = await built.dial(additional_headers=headers)
        assert plain.socket.subprotocol is None
        assert (await plain.ask("hello"))["user"]["id"] == "fry"


async def test_a_page_of_another_site_is_refused_with_one_line() -> None:
    async with house(origins=("http://localhost:*",)) as built:
        with structlog.testing.capture_logs() as lines:
            for _ in range(2):
                with pytest.raises(InvalidStatus) as refused:
                    await connect(built.url(), origin="https://evil.example")  # type: ignore[arg-type]
                assert refused.value.response.status_code == 403
        told = [line for line in lines if "PRESENTLY_ORIGINS" in line["event"]]
        assert [line["origin"] for line in told] == ["https://evil.example"]
        own = f"http://127.0.0.1:{built.bounds[0].port}"
        for origin in ("http://localhost:5173", own):
            await (await built.dial(origin=origin)).ask("hello", token=token("leela"))


async def test_a_peer_that_vanishes_costs_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with house(grace_ms=100) as built:
        leela, fry = await neighbours(built)
        await fry.ask("join", document=DOC)
        await leela.sees(DOC, leela="reading", fry="reading")
        with structlog.testing.capture_logs() as lines:
            raw = fry.socket.transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            fry.socket.transport.abort()
            await leela.sees(DOC, leela="reading")
        ended = [line for line in lines if line["event"] == "socket ended"]
        assert [(line["log_level"], line["code"], line["cause"]) for line in ended] == [
            ("debug", 1006, "lost")
        ]
        assert [line for line in lines if line["log_level"] != "debug"] == []
        assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
        await unharmed(leela)


async def test_a_handshake_that_is_none_costs_no_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with house() as built:
        for nonsense in (b"\x16\x03\x01 TLS?", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b""):
            reader, writer = await asyncio.open_connection("127.0.0.1", built.bounds[0].port)
            writer.write(nonsense)
            writer.write_eof()
            async with asyncio.timeout(5):
                await reader.read()
            writer.close()
        await built.browser("leela")
        assert [record for record in caplog.records if record.name != "uvicorn.error"] == []


async def test_headers_said_twice_break_nothing() -> None:
    async with house() as built:
        twice = [("User-Agent", "a"), ("User-Agent", "b"), ("Authorization", "x y")] * 2
        browser = await built.dial(additional_headers=twice, user_agent_header=None)
        assert (await browser.ask("hello", token=token("leela")))["type"] == "welcome"


async def test_a_browser_that_does_not_read_is_closed_4100_and_others_are_served() -> None:
    async with house(socket_bytes=200_000, frames_burst=5_000) as built:
        leela = await built.browser("leela")
        await leela.ask("join", document=DOC)
        deaf = await built.browser("fry", receive_bytes=4096)
        await deaf.ask("join", document=DOC)
        deaf.socket.transport.pause_reading()
        big = {"type": "big", "data": {"x": "y" * 30_000}}
        sent = 0
        with structlog.testing.capture_logs() as lines:
            while not any(line.get("code") == 4100 for line in lines):
                assert sent < 2_000, "megabytes unread, and still not closed"
                answers = [leela.ask("send", document=DOC, event=big) for _ in range(20)]
                assert {answer["type"] for answer in await asyncio.gather(*answers)} == {"ok"}
                sent += 20
        deaf.socket.transport.resume_reading()
        await leela.hears(type="event", seq=sent)
        assert leela.seqs(DOC) == list(range(1, sent + 1))
