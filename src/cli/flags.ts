const FILTER_FLAGS: Readonly<Record<string, string>> = {
  ids: "--id",
  states: "--state",
  names: "--task",
  queues: "--queue",
  workers: "--worker",
  tags: "--tag",
  "createdAt.from": "--created-after",
  "createdAt.to": "--created-before",
  "finishedAt.from": "--finished-after",
  "finishedAt.to": "--finished-before",
  "runTime.min": "--min-run-time",
  "runTime.max": "--max-run-time",
  scheduleId: "--schedule",
};

/** `runAt` -> `--run-at`. Of a list one value is given at a time: `tags` -> `--tag`. */
export function flagOf(key: string): string {
  return key === "tags" ? "--tag" : `--${kebab(key)}`;
}

export function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Where a mistake is for those who typed flags: `["input", "options", "maxWait"]` -> `["--max-wait"]`. */
export function toFlagPath(path: readonly string[]): readonly string[] {
  const [argument, part, key, ...rest] = path;
  if ((argument !== "input" && argument !== "select") || part === undefined) return path;
  if (key !== undefined && part === "options") return [flagOf(key), ...rest];
  if (key !== undefined && part === "filter") return [filterFlagOf(key, rest[0])];
  return path.slice(1);
}

function filterFlagOf(key: string, part = ""): string {
  return FILTER_FLAGS[key] ?? FILTER_FLAGS[`${key}.${part}`] ?? flagOf(key);
}
