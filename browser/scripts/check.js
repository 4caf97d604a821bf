/**
 * `npm run check`: the sources type-check, and `types/` is what they generate. Never edits.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("..", import.meta.url));
const fresh = mkdtempSync(join(tmpdir(), "presently-types-"));

try {
  const tsc = join(here, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", here, "--outDir", fresh], { stdio: "inherit" });
  const stale = differing(join(here, "types"), fresh);
  if (stale.length > 0) {
    console.error(`browser/types is stale, run \`npm run types\`: ${stale.join(", ")}`);
    process.exitCode = 1;
  }
} catch {
  process.exitCode = 1; // tsc has said what is wrong.
} finally {
  rmSync(fresh, { recursive: true });
}

/** Names of the files that are not the same in both folders. */
function differing(kept, made) {
  const names = new Set([...readdirSync(kept), ...readdirSync(made)]);
  return [...names].filter((name) => read(join(kept, name)) !== read(join(made, name)));
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
