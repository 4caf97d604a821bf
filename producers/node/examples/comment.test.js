import assert from "node:assert/strict";
import { test } from "node:test";

import { MemoryPublisher } from "@presently/publisher/testing";

test("a comment is told", async () => {
  const publisher = new MemoryPublisher();
  await publisher.publish("article.42", "comment.added", { text: "nice" });
  assert.equal(publisher.events[0].subject, "article.42");
});
