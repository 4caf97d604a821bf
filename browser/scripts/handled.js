#!/usr/bin/env node
/**
 * The types of events a front-end handles, as JSON on standard output: what `presently check types`
 * compares with what is produced.
 *
 *     node handled.js src/*.js > handled.json
 *     node handled.js --out handled.json src/*.js
 *
 * It looks for `.on('type', …)`; `.on('event', …)` hears everything and is listed as `*`. A type that
 * is not written out there (`.on(TYPE, …)`) is named in a comment beside it, on its line or the one
 * before: `// handles: comment.added, comment.deleted`; else standard error says where.
 */

import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What a line, a document and a collection tell of themselves. */
const OURS = new Set(["presence", "reload", "lease", "state", "error", "unhandled"]);
const EVERYTHING = "*";

/** Comments and texts, so that what is in them is no code; and what we look for. */
const PIECES = new RegExp(
  [
    String.raw`(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)`,
    String.raw`\.on\(\s*(?:(?<quote>["'\x60])(?<type>[^"'\x60\n$\\]*)\k<quote>|(?<other>[^\s)]))`,
    String.raw`"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\x60(?:\\.|[^\x60\\])*\x60`,
  ].join("|"),
  "g",
);
const NAMED = /\bhandles:\s*([\w-]+(?:\.[\w-]+)*(?:\s*,\s*[\w-]+(?:\.[\w-]+)*)*)/;

/**
 * @param {string} source
 * @returns {{types: string[], unclear: number[]}}   unclear: lines where a type cannot be seen
 */
export function handledTypes(source) {
  const types = new Set();
  const named = new Set();
  const unclear = [];
  for (const { index, groups } of source.matchAll(PIECES)) {
    const line = source.slice(0, index).split("\n").length;
    if (groups.comment !== undefined) {
      const list = groups.comment.match(NAMED)?.[1].split(/\s*,\s*/) ?? [];
      for (const type of list) types.add(type);
      if (list.length > 0) named.add(line);
    } else if (groups.type !== undefined) {
      if (groups.type === "event") types.add(EVERYTHING);
      else if (groups.type !== "" && !OURS.has(groups.type)) types.add(groups.type);
    } else if (groups.other !== undefined) unclear.push(line);
  }
  return {
    types: [...types].sort(),
    unclear: unclear.filter((line) => !named.has(line) && !named.has(line - 1)),
  };
}

/** @param {string[]} args @returns {number} exit code */
function main(args) {
  const at = args.indexOf("--out");
  const out = at < 0 ? undefined : args.splice(at, 2)[1];
  if (args.length === 0 || (at >= 0 && !out)) {
    console.error("usage: handled.js [--out handled.json] FILE.js…");
    return 2;
  }
  const all = new Set();
  for (const path of args) {
    const { types, unclear } = handledTypes(readFileSync(path, "utf8"));
    for (const type of types) all.add(type);
    for (const line of unclear) {
      console.error(`${path}:${line}: which type? say so beside it: // handles: comment.added`);
    }
  }
  const text = `${JSON.stringify([...all].sort())}\n`;
  if (out) writeFileSync(out, text);
  else process.stdout.write(text);
  return 0;
}

const called = process.argv[1]; // perhaps a link to us, in node_modules/.bin
if (called && realpathSync(called) === fileURLToPath(import.meta.url)) {
  process.exitCode = main(process.argv.slice(2));
}
