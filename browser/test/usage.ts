// Not run: `npm run check` reads it, to hold the generated types to what an application writes.

import { askToNotify, color, connect, documentId, noteOf, notify, slotOf } from "../types/index.js";
import type { Change, Collection, Doc, Live, Presence } from "../types/index.js";
import type { GatewayFrame, JoinFrame } from "../types/contract.js";
import { FakeConnection } from "../types/testing.js";

const live: Live = connect("wss://live.example.com/", {
  token: async ({ why, document }) =>
    (await fetch(`/token?why=${why}&document=${document ?? ""}`)).text(),
});
live.on("state", (state) => state === "online");
live.on("error", ({ code, temporary, by }) => [code.length, temporary, by?.name]);
live.on("unhandled", (event) => event.type);

const doc: Doc = live.join(documentId("article", "42"), {
  mode: "reading",
  state: { field: "title" },
});
const off: () => void = doc.on("presence", (presence: Presence) =>
  presence.others.map((user) => user.name),
);
doc.on("presently.change", (event, { seq }) => [event.data.after?.title, seq]);
doc.on("presently.change", (event) => {
  const { op, before, ctx }: Change = event.data;
  return op === "u" && [before?.title, ctx?.request];
});
doc.on("lease", ({ fence, lost }) => [fence, lost]);
doc.on("reload", () => doc.load(async () => 7).then((n) => n.toFixed()));
const unsubscribe: () => void = doc.subscribe(() => doc.presence.color === "red");
doc.edit({ lease: true }).then(({ fence }) => fence);
const fence: number | null = doc.fence;
doc.send("cursor.moved", { x: 3 }, { ephemeral: true }).then(({ seq }) => seq);

const list: Collection = live.collection("article", { keys: ["41"] });
list.on("presence", (documents, changed) => changed.map((id) => documents.get(id)?.counts.reading));
list.on("presently.change", (event, heard) =>
  notify(live, event, { title: heard.document, url: "/" }),
);
list.on("announcement", (event) => notify(live, event));
list.on("announcement", (event) => noteOf(event, ["de", "en"])?.title.length);
askToNotify().then((answer) => answer === "granted");
color({ reading: 1, editing: 0 }).length + slotOf("article.42");

// Another client's frames, by the contract.
const join: JoinFrame = { type: "join", document: "article.42", since: { epoch: "k3", seq: 118 } };
const said = (frame: GatewayFrame) =>
  frame.type === "event" ? frame.event.subject : frame.type === "error" ? frame.by?.name : join.type;
said({ type: "ping" });
// @ts-expect-error: a field that must be there
said({ type: "reset", document: "article.42", epoch: "m1" });

// @ts-expect-error: a mode that there is not
live.join("article.42", { mode: "sleeping" });
// @ts-expect-error: presence is read-only
doc.presence.users.push();

connect("ws://fake/", {
  WebSocket: new FakeConnection({ user: { id: "leela" } }).WebSocket,
  page: null,
});
off();
unsubscribe();
