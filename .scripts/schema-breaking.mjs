// Compares schema.graphql with the accepted one: that of the last release, or, before the first
// release, the last one that was accepted by hand. `npm run schema:breaking`. The policy is in
// docs/api.md.
import { readFileSync } from "node:fs";
import { CriticalityLevel, diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";

const root = new URL("../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const [old = ".scripts/accepted-schema.graphql", current = "schema.graphql"] = process.argv.slice(2);
const { version } = JSON.parse(read("package.json"));
const before = buildSchema(read(old));
const after = buildSchema(read(current));

/** A deprecation names its date, and the version that may remove the field. */
const REASON = /^Since \d{4}-\d{2}-\d{2}, removed in (\d+)\.(\d+)\. ./;

/** Whether this version may remove what has a deprecation. */
function mayBeRemoved(reason) {
  const [, major, minor] = REASON.exec(reason) ?? [null, Infinity, Infinity];
  const [ownMajor, ownMinor] = version.split(".").map(Number);
  return ownMajor > Number(major) || (ownMajor === Number(major) && ownMinor >= Number(minor));
}

/** All deprecations of a schema by the path of what they are on. */
function deprecationsIn(schema) {
  const found = [];
  const add = (path, { deprecationReason }) => {
    if (typeof deprecationReason === "string") found.push([path, deprecationReason]);
  };
  for (const type of Object.values(schema.getTypeMap()))
    for (const member of [...Object.values(type.getFields?.() ?? {}), ...(type.getValues?.() ?? [])]) {
      add(`${type.name}.${member.name}`, member);
      for (const arg of member.args ?? []) add(`${type.name}.${member.name}.${arg.name}`, arg);
    }
  return new Map(found);
}

const removable = deprecationsIn(before);
const problems = [...deprecationsIn(after)]
  .filter(([, reason]) => !REASON.test(reason))
  .map(([path]) => `${path}: expected a reason such as "Since 2026-12-01, removed in 0.4. Use id.".`);

const changes = await diff(before, after);
for (const { criticality, message, path } of changes) {
  const isAllowed = path !== undefined && removable.has(path) && mayBeRemoved(removable.get(path));
  if (criticality.level === CriticalityLevel.Breaking && !isAllowed) problems.push(`${message}.`);
}

if (problems.length === 0)
  process.stdout.write(`✔ ${changes.length} changes, none of them breaks a client.\n`);
else {
  process.stdout.write(`${problems.map((problem) => `✗ ${problem}`).join("\n")}\n`);
  process.stdout.write('See docs/api.md, "Changes of the schema".\n');
  process.exitCode = 1;
}
