#!/usr/bin/env node
import { nodeProblem } from "./node-version.ts";

// Checked before anything else is loaded: an older Node would fail on the first import it does not
// know.
const problem = nodeProblem();
if (problem !== null) {
  process.stderr.write(`✗ ${problem}\n`);
  process.exit(78);
}
const { main } = await import("./cli/main.ts");
await main(process.argv);
