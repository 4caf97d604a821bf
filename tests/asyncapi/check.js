/**
 * `npm run check`: the public parser takes `schemas/generated/asyncapi.json`, or the file named
 * instead, and finds in it what should be there. Exit code 1, and a line for each fault, if not.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import parserPackage from "@asyncapi/parser";

const OURS = fileURLToPath(new URL("../../schemas/generated/asyncapi.json", import.meta.url));
const ERROR = 0; // Spectral's severities: 0 error, 1 warning, 2 and 3 remarks

const path = process.argv[2] ?? OURS;
const parser = new parserPackage.Parser();
const { document, diagnostics } = await parser.parse(readFileSync(path, "utf8"), { source: path });

const faults = diagnostics.filter(({ severity }) => severity === ERROR);
for (const { message, path: where } of faults) console.error(`${where.join(".")}: ${message}`);
if (faults.length > 0 || !document) process.exitCode = 1;
else {
  const counts = [document.channels(), document.operations(), document.allMessages()];
  const [channels, operations, messages] = counts.map((some) => some.all().length);
  console.log(`AsyncAPI ${document.version()}: ${channels} channels, ` +
    `${operations} operations, ${messages} messages`);
}
