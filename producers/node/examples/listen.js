import { listen } from "@presently/publisher";

const documents = process.argv.slice(2); // topic patterns, such as article.#
const queue = process.env.QUEUE; // if set, it keeps what comes while you are away
for await (const heard of listen(process.env.PRESENTLY_URL, { documents, connections: true, queue })) {
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
