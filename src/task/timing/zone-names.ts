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

/**
 * Abbreviations that people write, and that are not names of zones; ambiguous ones such as IST and
 * CST are left out.
 */
const ABBREVIATIONS: ReadonlyMap<string, string> = new Map([
  ["pst", "America/Los_Angeles"],
  ["pdt", "America/Los_Angeles"],
  ["mdt", "America/Denver"],
  ["cdt", "America/Chicago"],
  ["edt", "America/New_York"],
  ["cest", "Europe/Berlin"],
  ["eest", "Europe/Helsinki"],
  ["jst", "Asia/Tokyo"],
  ["kst", "Asia/Seoul"],
  ["hkt", "Asia/Hong_Kong"],
  ["sgt", "Asia/Singapore"],
  ["aest", "Australia/Sydney"],
  ["aedt", "Australia/Sydney"],
  ["nzst", "Pacific/Auckland"],
]);

/** `UTC+8`, `GMT-05:30`, `utc +0800`. */
const OFFSET = /^(?:utc|gmt|z)?\s*([+-])\s*(\d{1,2})(?::?(\d\d))?$/;

export function isTimeZone(name: string): boolean {
  try {
    Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Returns the time zone of the host; UTC and the reported name if that is not a known zone. */
export interface HostTimeZone {
  readonly name: string;
  /**
   * The reported name, such as `Etc/Unknown` for an empty variable TZ; null if the zone is known.
   */
  readonly unknown: string | null;
}

export function hostTimeZone(): HostTimeZone {
  // Undefined, against its type, for a TZ such as "Foo/Bar".
  const found: string | undefined = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return found !== undefined && isTimeZone(found)
    ? { name: found, unknown: null }
    : { name: "UTC", unknown: found ?? "none" };
}

/** Less than this in common is chance: "UTC+25" is not a misspelling of "Europe/Vatican". */
const LEAST_LIKENESS = 0.75;

/**
 * The zone that a wrong name most likely means: by offset, abbreviation or place, else the one
 * whose name is most alike. Null for a name that is like none.
 */
export function nearestTimeZone(name: string): string | null {
  const wanted = name.slice(0, 64).trim().toLowerCase();
  const fixed = zoneOfOffset(wanted) ?? ABBREVIATIONS.get(wanted);
  if (fixed !== undefined) return fixed;
  const place = wanted.split("/").at(-1)!.replaceAll("_", " ");
  const known = KNOWN_BY_OTHERS.get(place);
  if (known !== undefined) return known;
  const [nearest] = Intl.supportedValuesOf("timeZone")
    .map((zone) => ({ zone, likeness: likenessToZone(wanted, place, zone.toLowerCase()) }))
    .sort((a, b) => b.likeness - a.likeness);
  return nearest!.likeness < LEAST_LIKENESS ? null : nearest!.zone;
}

/**
 * `Etc/GMT-8` for `UTC+8`: names of that family count westwards. Undefined for an offset that no
 * zone has.
 */
function zoneOfOffset(text: string): string | undefined {
  const [, sign, hours, minutes = "00"] = OFFSET.exec(text) ?? [];
  if (sign === undefined) return undefined;
  if (Number(hours) === 0 && minutes === "00") return "UTC";
  const whole = `Etc/GMT${sign === "+" ? "-" : "+"}${Number(hours)}`;
  const zone = minutes === "00" ? whole : `${sign}${hours!.padStart(2, "0")}:${minutes}`;
  return isTimeZone(zone) ? zone : undefined;
}

function likenessToZone(wanted: string, place: string, zone: string): number {
  return Math.max(likeness(wanted, zone), likeness(place, zone.split("/").at(-1)!.replaceAll("_", " ")));
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
