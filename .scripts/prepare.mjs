// Brings a checkout up to date: installs packages and builds, each only when something changed
// since the last time. Runs on whatever Node is on the PATH, before the project's own Node is
// there: plain JavaScript, no packages.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);

const [major] = process.versions.node.split(".").map(Number);
if (major < 18) fail(`Node ${process.versions.node} is too old even to install; use Node 18 or newer.`);

step("packages", "node_modules/.lovage-stamp", ["package.json", "package-lock.json"], () =>
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]),
);
if (!process.argv.includes("--no-build")) {
  step("build", "dist/.stamp", ["package-lock.json", "tsconfig.json", ".scripts", "src"], () =>
    run("npm", ["run", "--silent", "build"]),
  );
}

function step(name, stampFile, inputs, work) {
  const stamp = fingerprint(inputs);
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  const begun = Date.now();
  process.stderr.write(`lovage: ${name} …\n`);
  work();
  writeFileSync(stampFile, stamp);
  process.stderr.write(`lovage: ${name} done in ${((Date.now() - begun) / 1000).toFixed(1)} s\n`);
}

function fingerprint(inputs) {
  const hash = createHash("sha256");
  for (const file of inputs.flatMap(filesIn)) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

function filesIn(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesIn(join(path, name)));
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (error) fail(`${command} could not be started: ${error.message}`);
  if (status !== 0) fail(`${command} ${args.join(" ")} failed (exit ${status}).`);
}

function fail(message) {
  process.stderr.write(`lovage: ${message}\n`);
  process.exit(1);
}
