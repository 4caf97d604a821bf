/**
 * `npm run check`: the sources type-check, `types/` is what they generate, and an application can
 * use it (`test/usage.ts`). Never edits.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Written by `python -m schemas.generate`; the sources take their types from it. */
const CONTRACT = "contract.d.ts";

const here = fileURLToPath(new URL("..", import.meta.url));
const fresh = mkdtempSync(join(tmpdir(), "presently-types-"));

try {
  const tsc = join(here, "node_modules", "typescript", "bin", "tsc");
  run(tsc, "-p", here, "--outDir", fresh);
  const stale = differing(join(here, "types"), fresh);
  if (stale.length > 0) {
    console.error(`browser/types is stale, run \`npm run types\`: ${stale.join(", ")}`);
    process.exitCode = 1;
  }
  const strict = ["--strict", "--noEmit", "--target", "es2022", "--module", "nodenext"];
  run(tsc, ...strict, join(here, "test", "usage.ts"));
} catch {
  process.exitCode = 1; // tsc has said what is wrong.
} finally {
  rmSync(fresh, { recursive: true });
}

function run(...args) {
  execFileSync(process.execPath, args, { stdio: "inherit" });
}

/** Names of the files that are not the same in both folders; `CONTRACT` has a check of its own. */
function differing(kept, made) {
  const names = new Set([...readdirSync(kept), ...readdirSync(made)]);
  names.delete(CONTRACT);
  return [...names].filter((name) => read(join(kept, name)) !== read(join(made, name)));
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
