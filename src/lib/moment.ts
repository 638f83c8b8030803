/** A moment as code or JSON gives it: a Date, or ISO 8601 with a zone. Null for anything else. */
export function parseMoment(value: unknown): Date | null {
  const time = value instanceof Date ? value : readText(value);
  return time !== null && Number.isFinite(time.getTime()) ? time : null;
}

function readText(value: unknown): Date | null {
  // A text without a zone would mean another moment on every machine.
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT.*(?:z|[+-]\d\d:?\d\d)$/i.test(value)) return null;
  return new Date(value);
}
