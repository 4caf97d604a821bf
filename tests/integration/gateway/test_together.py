"""People at two gateways and the real hub: who sees whom, and what."""

from __future__ import annotations

import asyncio

from broker.port import Broker
from tests.integration.gateway.support import house

DOC, LIST = "article.42", "article.~"


async def test_two_users_on_two_gateways_see_each_other_come_edit_read_and_go() -> None:
    async with house(2) as built:
        leela = await built.browser("leela", 0)
        fry = await built.browser("fry", 1)
        await leela.ask("join", document=DOC)
        await leela.sees(DOC, leela="reading")
        await fry.ask("join", document=DOC)
        for browser in (leela, fry):
            await browser.sees(DOC, leela="reading", fry="reading")
        await fry.ask("update", document=DOC, mode="editing", state={"field": "title"})
        await leela.sees(DOC, leela="reading", fry="editing")
        await fry.ask("update", document=DOC, mode="reading")
        await leela.sees(DOC, leela="reading", fry="reading")
        await fry.ask("leave", document=DOC)
        await leela.sees(DOC, leela="reading")


async def test_an_event_reaches_everybody_once_in_order_and_tells_its_author() -> None:
    async with house(2) as built:
        leela = await built.browser("leela", 0)
        fry = await built.browser("fry", 1)
        for browser in (leela, fry):
            await browser.ask("join", document=DOC)
        for n in range(1, 6):
            answer = await fry.ask(
                "send", document=DOC, event={"id": f"e{n}", "type": "said", "data": {"n": n}}
            )
            assert (answer["type"], answer["seq"]) == ("ok", n)
        again = await fry.ask("send", document=DOC, event={"id": "e3", "type": "said"})
        await leela.hears(type="event", seq=5)
        assert leela.seqs(DOC) == fry.seqs(DOC) == [1, 2, 3, 4, 5], again
        event = leela.all(type="event")[0]["event"]
        assert event["actor"] == "fry"
        assert event["source"].startswith("/connection/c.")


async def test_an_ephemeral_event_has_no_number_and_is_not_kept() -> None:
    async with house(2) as built:
        leela = await built.browser("leela", 0)
        fry = await built.browser("fry", 1)
        for browser in (leela, fry):
            await browser.ask("join", document=DOC)
        await fry.say("send", document=DOC, event={"type": "cursor"}, ephemeral=True)
        frame = await leela.hears(type="event")
        assert "seq" not in frame
        late = await built.browser("bender", 0)
        assert (await late.ask("join", document=DOC))["seq"] == 0


async def test_the_lease_is_one_person_s_and_others_are_told_whose() -> None:
    async with house(2) as built:
        leela = await built.browser("leela", 0)
        fry = await built.browser("fry", 1)
        for browser in (leela, fry):
            await browser.ask("join", document=DOC)
        granted = await fry.ask("update", document=DOC, mode="editing", lease=True)
        assert (granted["type"], granted["fence"] > 0) == ("ok", True)
        refused = await leela.ask("update", document=DOC, mode="editing", lease=True)
        assert (refused["code"], refused["by"]) == ("locked", {"id": "fry", "name": "Fry"})
        await leela.sees(DOC, leela="reading", fry="editing")
        await fry.ask("update", document=DOC, mode="reading", lease=False)
        granted = await leela.ask("update", document=DOC, mode="editing", lease=True)
        assert granted["type"] == "ok"
        await fry.sees(DOC, leela="editing", fry="reading")


async def test_a_second_tab_neither_doubles_a_user_nor_removes_them_on_closing() -> None:
    async with house(2, grace_clean_ms=50) as built:
        leela = await built.browser("leela", 0)
        await leela.ask("join", document=DOC)
        tabs = [await built.browser("fry", gateway) for gateway in (0, 1)]
        for tab in tabs:
            await tab.ask("join", document=DOC)
        await leela.sees(DOC, leela="reading", fry="reading")
        await tabs[1].ask("update", document=DOC, mode="editing")
        await leela.sees(DOC, leela="reading", fry="editing")
        await tabs[1].socket.close()
        await leela.sees(DOC, leela="reading", fry="reading")
        await tabs[0].socket.close()
        await leela.sees(DOC, leela="reading")
        left = [frame for frame in leela.all(type="presence") if "fry" in frame["left"]]
        assert len(left) == 1


async def test_a_page_navigation_is_not_seen_by_others() -> None:
    async with house(2, grace_clean_ms=60_000) as built:
        leela = await built.browser("leela", 0)
        await leela.ask("join", document=DOC)
        fry = await built.browser("fry", 0)
        await fry.ask("join", document=DOC, mode="editing")
        await leela.sees(DOC, leela="reading", fry="editing")
        for gateway in (0, 1):  # The next page comes to the same gateway, the one after to another.
            old = fry.first(type="welcome")
            await fry.socket.close()
            fry = await built.browser("fry", gateway, previous=old["connection"])
            await fry.ask("join", document=DOC)
            # The old seat was editing: its end shows at once, though its grace is a minute.
            await leela.sees(DOC, leela="reading", fry="reading")
            await fry.ask("update", document=DOC, mode="editing")
            await leela.sees(DOC, leela="reading", fry="editing")
        assert not any("fry" in frame["left"] for frame in leela.all(type="presence"))


async def test_what_the_next_page_does_not_join_ends_soon_also_elsewhere() -> None:
    async with house(2, grace_clean_ms=60_000) as built:
        leela = await built.browser("leela", 0)
        await leela.ask("join", document=DOC)
        for gateway in (0, 1):
            fry = await built.browser("fry", 0)
            await fry.ask("join", document=DOC)
            await leela.sees(DOC, leela="reading", fry="reading")
            old = fry.first(type="welcome")
            await fry.socket.close()
            await built.browser("fry", gateway, previous=old["connection"])
            await leela.sees(DOC, leela="reading")


async def test_a_duplicated_tab_does_not_steal_the_first_one_s_seat() -> None:
    async with house(1) as built:
        leela = await built.browser("leela")
        await leela.ask("join", document=DOC)
        first = await built.browser("fry")
        await first.ask("join", document=DOC, mode="editing")
        held = first.first(type="welcome")
        copy = await built.browser("fry", previous=held["connection"])
        await copy.ask("join", document=DOC)
        await leela.sees(DOC, leela="reading", fry="editing")
        await copy.ask("leave", document=DOC)
        answer = await first.ask("update", document=DOC, state={"still": "here"})
        assert answer["type"] == "ok"
        await leela.sees(DOC, leela="reading", fry="editing")


async def test_a_resume_brings_what_was_missed_on_whichever_gateway() -> None:
    async with house(2) as built:
        fry = await built.browser("fry", 1)
        await fry.ask("join", document=DOC)
        leela = await built.browser("leela", 0)
        joined = await leela.ask("join", document=DOC)
        since = {"epoch": joined["epoch"], "seq": joined["seq"]}
        await leela.socket.close()
        for n in range(3):
            await fry.ask("send", document=DOC, event={"type": "said", "data": {"n": n}})
        for gateway in (0, 1):
            back = await built.browser("leela", gateway)
            joined = await back.ask("join", document=DOC, since=since)
            assert (joined["recovered"], joined["seq"]) == (True, 3)
            assert back.seqs(DOC) == [1, 2, 3]
        unknown = await (await built.browser("leela", 0)).ask(
            "join", document=DOC, since={"epoch": "1", "seq": 7}
        )
        assert (unknown["recovered"], unknown["events"]) == (False, [])


async def test_a_list_tells_who_is_where_and_what_happens_there() -> None:
    async with house(2) as built:
        leela = await built.browser("leela", 0)
        joined = await leela.ask("join", document=LIST, mode="watching")
        assert joined["summary"]["complete"] is True
        assert joined["summary"]["documents"] == []
        fry = await built.browser("fry", 1)
        await fry.ask("join", document=DOC, mode="editing")
        frame = await leela.hears(type="summary", full=False)
        (now,) = frame["documents"]
        assert (now["document"], now["counts"]) == (DOC, {"reading": 0, "editing": 1})
        assert [user["name"] for user in now["users"]] == ["Fry"]
        await fry.ask("send", document=DOC, event={"type": "saved"})
        event = await leela.hears(type="event")
        assert (event["document"], event["seq"]) == (DOC, 1)
        await fry.ask("leave", document=DOC)
        await leela.hears(
            type="summary",
            documents=[{"document": DOC, "users": [], "counts": {"reading": 0, "editing": 0}}],
        )


async def test_who_is_at_a_document_and_its_list_hears_an_event_once() -> None:
    async with house(1) as built:
        leela = await built.browser("leela")
        await leela.ask("join", document=LIST, mode="watching")
        await leela.ask("join", document=DOC)
        fry = await built.browser("fry")
        await fry.ask("join", document=DOC)
        for _ in range(3):
            await fry.ask("send", document=DOC, event={"type": "said"})
        await leela.hears(type="event", seq=3)
        assert [frame["seq"] for frame in leela.all(type="event")] == [1, 2, 3]


async def test_sync_tells_everything_again() -> None:
    async with house(1) as built:
        leela = await built.browser("leela")
        await leela.ask("join", document=LIST, mode="watching")
        answer = await leela.ask("sync", document=LIST)
        assert answer["type"] == "ok"
        assert leela.all(type="presence", full=True, document=LIST)
        assert leela.all(type="summary", full=True, document=LIST)


async def test_who_left_while_a_gateway_was_cut_off_is_gone_when_it_is_back() -> None:
    async with house(1) as built:
        way = asyncio.Event()
        way.set()

        async def gated(name: str) -> Broker:
            await way.wait()
            return await built.bus.connect(name)

        cut = await built.gateway(connect=gated, id="cut")
        leela, fry = await built.browser("leela", cut), await built.browser("fry", 0)
        for browser in (leela, fry):
            await browser.ask("join", document=DOC)
        await leela.sees(DOC, leela="reading", fry="reading")
        way.clear()
        built.bus.cut("gateway/cut down")
        built.bus.cut("gateway/cut up")
        await fry.ask("leave", document=DOC)
        await fry.ask("join", document="article.103")  # Same shard: the leave was seen to.
        way.set()
        await leela.sees(DOC, leela="reading")
