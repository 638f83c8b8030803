#!/usr/bin/env node
// Checked before anything else is loaded: an older Node would fail on the first import it does not know.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `✗ lovage needs Node 22.18 or newer; this is ${process.version}. Install a newer Node.\n`,
  );
  process.exit(78);
}
const { main } = await import("./cli/main.ts");
await main(process.argv);
