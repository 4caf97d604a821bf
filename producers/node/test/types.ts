/** What an application in TypeScript relies on; `npm run check` compiles it, nobody runs it. */

import {
  documentId, InvalidEvent, listen, MemoryPublisher, mintToken, open, PresentlyError, Unavailable,
} from "@presently/publisher";
import type { Claims, Event, Heard, Options, Presence, Publisher, User, What } from "@presently/publisher";
import { MemoryPublisher as ForTests } from "@presently/publisher/testing";

const options: Options = { source: "/shop", timeoutMs: 1000 };
const publisher: Publisher = await open("memory://", options);
const when = { actor: "fry", id: "7", time: new Date() };
const id: string = await publisher.publish(["article.42", "user.fry"], "comment.added", { text: "nice" }, when);
const presence: Presence = await publisher.presence(documentId("article", "42"));
const editors: User[] = presence.users.filter(({ mode }) => mode === "editing");
const memory: MemoryPublisher = new ForTests();
const kept: readonly Event[] = memory.events;
const claims: Claims = { user: "fry", rights: { "article.*": "edit" } };
const token: string = mintToken("a key", claims);
const errors: PresentlyError[] = [new InvalidEvent("data.op", "missing"), new Unavailable("away", id)];
const what: What = { documents: ["article.#"], connections: true, signal: AbortSignal.timeout(1) };
export const said = [editors, kept, token, errors];

export function tell(heard: Heard): string {
  switch (heard.what) {
    case "listening":
      return heard.what;
    case "event":
      return heard.event.type;
    case "presence":
      return heard.joined.map(({ name }) => name).join();
    case "receive":
      return heard.act.kind;
    case "connect":
    case "disconnect":
      return heard.user;
    case "reset":
      return heard.epoch;
    case "gateway_lost":
      return heard.gateway;
  }
}

for await (const heard of listen("amqp://127.0.0.1", what)) tell(heard);

// @ts-expect-error A right is one of three.
mintToken("a key", { user: "fry", rights: { "article.*": "admin" } });
// @ts-expect-error Who publishes is to be said.
await open("memory://", {});
await publisher.close();
