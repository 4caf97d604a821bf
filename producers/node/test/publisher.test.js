import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { test } from "node:test";

import { InvalidEvent, MemoryPublisher, open, PresentlyError, Unavailable } from "../src/index.js";

/** An API that answers `answers` in turn and remembers what it was asked. */
async function api(t, ...answers) {
  const asked = [];
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    asked.push({ ...request, method: request.method, url: request.url, headers: request.headers, body: String(Buffer.concat(parts)) });
    const answer = answers.shift();
    if (answer === undefined) return; // never answers
    if (answer === "hang up") return request.socket.destroy();
    response.writeHead(answer[0], { "content-type": "application/json" });
    response.end(JSON.stringify(answer[1]));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { asked, url: `http://127.0.0.1:${server.address().port}` };
}

const options = { source: "/shop", apiKey: "key", timeoutMs: 2000 };

test("an event is posted with the key, and its id returned", async (t) => {
  const { asked, url } = await api(t, [202, { ids: ["1"] }]);
  const publisher = await open(url, options);
  assert.equal(await publisher.publish("article.1", "comment.added", { n: 1 }, { id: "mine" }), "mine");
  const [{ method, url: path, headers, body }] = asked;
  assert.deepEqual([method, path], ["POST", "/v1/events"]);
  assert.equal(headers.authorization, "Bearer key");
  assert.equal(headers["content-type"], "application/cloudevents+json");
  const { time, ...event } = JSON.parse(body);
  assert.ok(Math.abs(new Date(time) - Date.now()) < 60_000);
  assert.deepEqual(event, {
    specversion: "1.0", id: "mine", source: "/shop", type: "comment.added",
    subject: "article.1", data: { n: 1 },
  });
});

test("several documents go as one batch", async (t) => {
  const { asked, url } = await api(t, [202, {}]);
  await (await open(url, options)).publish(["article.1", "user.fry"], "a.b");
  assert.equal(asked[0].headers["content-type"], "application/cloudevents-batch+json");
  assert.deepEqual(JSON.parse(asked[0].body).map(({ subject }) => subject), ["article.1", "user.fry"]);
});

test("whose fault it is, and whether a retry helps", async (t) => {
  const invalid = [400, { code: "invalid_event", at: "data.op", message: "missing" }];
  const { url } = await api(t, invalid, [503, { code: "unavailable" }], [401, { code: "unauthorized" }], [404, {}]);
  const publisher = await open(url, options);
  const publish = () => publisher.publish("article.1", "a.b", {}, { id: "7" });
  await assert.rejects(publish, { name: "InvalidEvent", at: "data.op" });
  await assert.rejects(publish, { name: "Unavailable", id: "7" });
  for (let n = 0; n < 2; n += 1)
    await assert.rejects(publish, (error) => error.constructor === PresentlyError);
  await assert.rejects(() => publisher.publish("no id", "a.b"), InvalidEvent);
});

test("a connection that went stale is tried once more; then it is unavailable", async (t) => {
  const { asked, url } = await api(t, "hang up", [202, {}], "hang up", "hang up");
  const publisher = await open(url, options);
  await publisher.publish("article.1", "a.b");
  assert.equal(asked.length, 2);
  assert.equal(asked[0].body, asked[1].body);
  await assert.rejects(() => publisher.publish("article.1", "a.b"), Unavailable);
});

test("an API that never answers is given up in time", async (t) => {
  const { url } = await api(t);
  const publisher = await open(url, { ...options, timeoutMs: 100 });
  await assert.rejects(() => publisher.publish("article.1", "a.b"), Unavailable);
});

test("presence is read, unknown fields are left out", async (t) => {
  const fry = { id: "fry", name: "Fry", mode: "editing", info: {}, state: { x: 1 } };
  const counts = { reading: 0, editing: 1 };
  const { asked, url } = await api(t, [200, { document: "page.a%2Fb", users: [{ ...fry, new: 1 }], counts, lease: null, epoch: "k1", seq: 3, new: 1 }], [200, {}]);
  const publisher = await open(url, options);
  assert.deepEqual(await publisher.presence("page.a%2Fb"), {
    document: "page.a%2Fb", users: [fry], counts, complete: true, lease: null, epoch: "k1", seq: 3,
  });
  assert.equal(asked[0].url, "/v1/documents/page.a%252Fb");
  await assert.rejects(() => publisher.presence("article.1"), PresentlyError);
  await assert.rejects(() => publisher.presence("no id"), InvalidEvent);
});

test("a wrong address is said at once; a broker that is away as well", async () => {
  for (const url of ["", "ftp://x", "nonsense"]) await assert.rejects(() => open(url, options), PresentlyError);
  await assert.rejects(() => open("memory://", { source: "" }), InvalidEvent);
  await assert.rejects(() => open("amqp://127.0.0.1:1", { ...options, timeoutMs: 300 }), Unavailable);
});

test("in memory, events are kept for the test to look at", async () => {
  const publisher = new MemoryPublisher();
  await publisher.publish(["article.1", "user.fry"], "comment.added", { text: "nice" }, { actor: "fry" });
  await assert.rejects(() => publisher.publish("article.1", "presently.mine"), InvalidEvent);
  assert.deepEqual(publisher.events.map(({ subject, type, actor }) => [subject, type, actor]), [
    ["article.1", "comment.added", "fry"], ["user.fry", "comment.added", "fry"],
  ]);
  assert.deepEqual((await publisher.presence("article.1")).users, []);
});
