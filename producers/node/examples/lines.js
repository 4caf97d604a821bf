// Publish events, each confirmed: one JSON object a line, such as
// {"document": ["article", "42"], "type": "comment.added", "data": {"text": "nice"}}
// For several: "documents": ["article.42", "user.leela"]
import { createInterface } from "node:readline";

import { documentId, open } from "@presently/publisher";

const publishers = new Map(); // by source
for await (const line of createInterface({ input: process.stdin })) {
  const { document, documents, source = "/examples/node", type, data, actor, id, time } = JSON.parse(line);
  if (!publishers.has(source)) publishers.set(source, await open(process.env.PRESENTLY_URL, { source }));
  const to = documents ?? (Array.isArray(document) ? documentId(...document) : document);
  const when = time && new Date(time);
  console.log(await publishers.get(source).publish(to, type, data, { actor, id, time: when }));
}
for (const publisher of publishers.values()) await publisher.close();
