import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";

const MAX_MESSAGE = 1_000;
/** The folder of this package's code. The demo in it counts as a user's code. */
const OWN = fileURLToPath(new URL("../..", import.meta.url));
const DEMO = `${OWN}demo`;

/** Parts of a message that differ from run to run, in the order of their replacement. */
const VARYING: readonly (readonly [what: RegExp, sign: string])[] = [
  [/"[^"]*"|`[^`]*`|“[^”]*”|(?<!\w)'[^']*'(?!\w)/g, "<text>"],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>()]+/gi, "<url>"],
  [/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, "<mail>"],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, "<id>"],
  [/(?<!\w)(?:[a-z]:)?(?:[\\/][\w.@~+-]+)+[\\/]?/gi, "<path>"],
  [/\b0x[0-9a-f]+\b|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b/gi, "<hex>"],
  [/(?:(?<!\w)-)?\d+(?:[.,:_]\d+)*/g, "<n>"],
];

/**
 * Returns a hash that is equal for equal failures: of the type, the message without its varying
 * parts, and the location in the user's code. A location is a function and a file without folder,
 * extension, line and column. So it survives a deploy, another machine, and a change further up in
 * the file.
 */
export function fingerprintOf(type: string, message: string, stack: string | null): string {
  const location = stack === null ? "" : locationOf(stack, message);
  return createHash("sha1")
    .update(`${type}\n${normalizeMessage(message)}\n${location}`)
    .digest("hex")
    .slice(0, 16);
}

export function normalizeMessage(message: string): string {
  const start = message.slice(0, MAX_MESSAGE);
  return VARYING.reduce((text, [what, sign]) => text.replaceAll(what, sign), start)
    .replaceAll(/\s+/g, " ")
    .trim();
}

/**
 * Returns the topmost frame of the user's code; empty when there is none. The topmost frame of
 * other code identifies little.
 */
export function locationOf(stack: string, message: string): string {
  // A message may contain lines that look like frames.
  const at = stack.indexOf(message);
  const frames = at === -1 ? stack : stack.slice(at + message.length);
  for (const line of frames.split("\n")) {
    const frame = /^\s+at (?:async )?(?:(.+?) \()?([^()]+?)(?::\d+)+\)?$/.exec(line);
    const file = frame?.[2];
    if (file === undefined || !isUsers(file)) continue;
    const name = file
      .replace(/[?#].*$/, "")
      .replace(/^.*[\\/]/, "")
      .replace(/(?:\.[cm]?[jt]sx?)$/, "");
    return `${frame?.[1] ?? ""} ${name}`.trim();
  }
  return "";
}

function isUsers(file: string): boolean {
  if (!/[\\/]/.test(file) || /^node:|[\\/]node_modules[\\/]/.test(file)) return false;
  const path = pathOf(file);
  return !path.startsWith(OWN) || path.startsWith(DEMO);
}

/** A stack can contain anything, also a URL that is not one of a local file. */
function pathOf(file: string): string {
  try {
    return file.startsWith("file:") ? fileURLToPath(file) : file;
  } catch {
    return file;
  }
}
