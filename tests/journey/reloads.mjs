/** A page of the JavaScript client: says on its output what it joined, and each `reload`. */

import { connect } from "../../browser/src/index.js";

const [url, token, ...documents] = process.argv.slice(2);
const say = (what, document) => console.log(JSON.stringify({ what, document }));
const live = connect(url, { token: () => token });
live.on("error", (error) => say("error", String(error)));
const list = live.collection("article");
list.on("reload", () => say("reload", "article.~"));
await list.ready;
say("joined", "article.~");
for (const document of documents) {
  const doc = live.join(document);
  doc.on("reload", () => say("reload", document));
  doc.on("presently.change", ({ data }) => say(data.op, document));
  await doc.ready;
  say("joined", document);
}
