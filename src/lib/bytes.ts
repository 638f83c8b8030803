/** An amount of memory as people write it: `"512mb"`, `"1.5 GiB"`, or whole bytes. */
export type BytesInput = string | number;

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;

const UNITS: Readonly<Record<string, number>> = { "": 1, k: KIB, m: MIB, g: GIB };
const FORM = /^(\d+(?:\.\d+)?)\s*(?:(k|m|g)(?:i?b)?|b)?$/i;

/** What an amount of memory may look like, for error messages. */
export const BYTES_FORMS = 'an amount of memory such as "512mb", "2gb", or whole bytes';

/**
 * Reads an amount of memory as bytes (rounded to whole ones), or returns null. `kb`, `mb` and `gb`
 * are powers of 1024, like `KiB`.
 */
export function parseBytes(input: BytesInput): number | null {
  if (typeof input === "number") return Number.isSafeInteger(input) && input >= 0 ? input : null;
  const match = FORM.exec(input.trim());
  if (!match) return null;
  const bytes = Math.round(Number(match[1]) * UNITS[match[2]?.toLowerCase() ?? ""]!);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** `"512mb"`: whole units only, so that nothing is rounded away. */
export function formatBytes(bytes: number): string {
  for (const [unit, size] of [
    ["gb", GIB],
    ["mb", MIB],
    ["kb", KIB],
  ] as const) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes}`;
}
