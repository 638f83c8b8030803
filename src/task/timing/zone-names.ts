/** Places that people look for, and whose zone has the name of another. */
const KNOWN_BY_OTHERS: ReadonlyMap<string, string> = new Map([
  ["beijing", "Asia/Shanghai"],
  ["peking", "Asia/Shanghai"],
  ["shenzhen", "Asia/Shanghai"],
  ["bombay", "Asia/Kolkata"],
  ["delhi", "Asia/Kolkata"],
  ["washington", "America/New_York"],
  ["boston", "America/New_York"],
  ["san francisco", "America/Los_Angeles"],
  ["seattle", "America/Los_Angeles"],
]);

export function isTimeZone(name: string): boolean {
  try {
    Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The known zone whose name comes nearest. */
export function nearestTimeZone(name: string): string {
  const wanted = name.slice(0, 64).toLowerCase();
  const place = wanted.split("/").at(-1)!.replaceAll("_", " ");
  const known = KNOWN_BY_OTHERS.get(place);
  if (known !== undefined) return known;
  const zones = Intl.supportedValuesOf("timeZone");
  const [nearest] = zones
    .map((zone) => ({ zone, likeness: likeness(wanted, zone.toLowerCase()) }))
    .sort((a, b) => b.likeness - a.likeness);
  return nearest!.zone;
}

/** From 0 to 1: how much of both names is a common subsequence. */
function likeness(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, () => 0);
  for (const one of a) {
    const next = [0];
    for (let index = 0; index < b.length; index += 1) {
      next.push(one === b[index] ? row[index]! + 1 : Math.max(row[index + 1]!, next[index]!));
    }
    row = next;
  }
  return (2 * row[b.length]!) / (a.length + b.length);
}
