// Empties dist before a build, so that a package never contains files whose sources are gone. The
// template of the embedded database stays: its own stamp shows whether it is current, and making it
// is slow.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const KEPT = new Set(["embedded-template.tar.zst", ".embedded-template-stamp"]);

for (const name of entriesOf("dist")) {
  if (!KEPT.has(name)) rmSync(join("dist", name), { recursive: true });
}

function entriesOf(folder) {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
}
