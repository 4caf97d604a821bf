import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { handledTypes } from "../scripts/handled.js";

const SCRIPT = fileURLToPath(new URL("../scripts/handled.js", import.meta.url));

test("types are found in whatever quotes, and each is listed once", () => {
  const { types, unclear } = handledTypes(`
    doc.on("comment.added", show);
    list.on('comment.added', show);
    live.join("article.1")?.on(
      \`cursor.moved\`, show);
  `);
  assert.deepEqual([types, unclear], [["comment.added", "cursor.moved"], []]);
});

test("what the client tells of itself is no type, and `event` is every type", () => {
  const ours = ["presence", "reload", "lease", "state", "error", "unhandled"];
  const source = ours.map((name) => `x.on("${name}", f);`).join("\n");
  assert.deepEqual(handledTypes(source).types, []);
  assert.deepEqual(handledTypes(`${source} doc.on("event", f)`).types, ["*"]);
});

test("what is in a comment or a text is no code", () => {
  const { types, unclear } = handledTypes(`
    // doc.on("a.commented", f)
    /* doc.on("b.commented", f)
       doc.on(c, f) */
    const help = "call doc.on('d.quoted', f) or doc.on(E, f)";
    doc.on("f.real", f); // it's real: don't miss what follows
    doc.on("g.real", f);
  `);
  assert.deepEqual([types, unclear], [["f.real", "g.real"], []]);
});

test("a type that cannot be seen is named in a comment, or its place is told", () => {
  const { types, unclear } = handledTypes(
    [
      "doc.on(ADDED, f); // handles: comment.added",
      "/* handles: a.b, c.d-e */",
      "for (const type of TYPES) doc.on(type, f);",
      "",
      "doc.on(UNKNOWN, f);",
      "doc.on(`x.${y}`, f);",
    ].join("\n"),
  );
  assert.deepEqual([types, unclear], [["a.b", "c.d-e", "comment.added"], [5, 6]]);
});

test("as a command it reads files and writes a list; what it cannot see is told", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "presently-handled-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [one, two, out] = ["one.js", "two.js", "handled.json"].map((name) => join(folder, name));
  writeFileSync(one, 'doc.on("b.said", f);\ndoc.on(C, f);\n');
  writeFileSync(two, 'doc.on("a.said", f);\n');
  const done = spawnSync(process.execPath, [SCRIPT, one, two], { encoding: "utf8" });
  assert.deepEqual([done.status, JSON.parse(done.stdout)], [0, ["a.said", "b.said"]]);
  assert.match(done.stderr, /one\.js:2: which type\?/);
  execFileSync(process.execPath, [SCRIPT, "--out", out, two]);
  assert.deepEqual(JSON.parse(readFileSync(out, "utf8")), ["a.said"]);
  const link = join(folder, "presently-handled");
  symlinkSync(SCRIPT, link);
  assert.equal(execFileSync(process.execPath, [link, two], { encoding: "utf8" }), '["a.said"]\n');
  assert.equal(spawnSync(process.execPath, [SCRIPT]).status, 2);
  assert.equal(spawnSync(process.execPath, [SCRIPT, two, "--out"]).status, 2);
});
