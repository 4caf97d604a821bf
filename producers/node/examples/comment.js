import { documentId, InvalidEvent, open, Unavailable } from "@presently/publisher";

const publisher = await open(process.env.PRESENTLY_URL, { source: "/shop" });
const document = documentId("article", 42); // encodes what a word may not hold
try {
  const id = await publisher.publish(document, "comment.added", { text: "nice" }, { actor: "fry" });
  console.log(id, (await publisher.presence(document)).users);
} catch (error) {
  if (error instanceof InvalidEvent) console.error(error.at, error.why); // yours: it was not sent
  else if (error instanceof Unavailable) console.error(error.id); // the world's: repeat it under id
  else throw error; // refused: a wrong address, key or right
}
await publisher.close();
