import { listen } from "@presently/publisher";

const [, , ...documents] = process.argv; // topic patterns, such as article.#
for await (const heard of listen(process.env.PRESENTLY_URL, { documents, connections: true })) {
  const { what, document, connection } = heard;
  if (what === "listening") console.log(what);
  if (what === "connect") console.log(what, connection, heard.user);
  if (what === "receive") console.log(what, connection, document, heard.act.kind);
  if (what === "disconnect") console.log(what, connection, heard.cause);
  if (what === "event") console.log(what, document, heard.event.type);
  if (what === "presence") {
    for (const { id } of heard.joined) console.log("joined", document, id);
    for (const id of heard.left) console.log("left", document, id);
  }
}
