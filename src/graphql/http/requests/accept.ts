const JSON_TYPE = "application/json";
export const GRAPHQL_RESPONSE = "application/graphql-response+json";

const OFFERS = [JSON_TYPE, GRAPHQL_RESPONSE] as const;
export type ResponseType = (typeof OFFERS)[number];

/**
 * Returns the media type of a GraphQL reply, or null if the client accepts none of ours. Without
 * `Accept`, and for a client that accepts anything, it is `application/json`. Among types of equal
 * weight, the client's first one wins.
 */
export function negotiate(accept: string | undefined): ResponseType | null {
  if (!accept || accept === JSON_TYPE) return JSON_TYPE;
  const ranges = accept.toLowerCase().split(",").map(readRange);
  const best = ranges.reduce((first, other) => (other.weight > first.weight ? other : first), NO_TYPE);
  return best.type;
}

interface Range {
  readonly type: ResponseType | null;
  readonly weight: number;
}

const NO_TYPE: Range = { type: null, weight: 0 };

function readRange(text: string): Range {
  const [name = "", ...parameters] = text.split(";").map((part) => part.trim());
  const type = OFFERS.find((offer) => offer === name) ?? (isWildcard(name) ? JSON_TYPE : null);
  return type ? { type, weight: weightOf(parameters) } : NO_TYPE;
}

/** Whether a client accepts Server-Sent Events. A wildcard does not count. */
export function acceptsEvents(accept: string | undefined): boolean {
  return accept !== undefined && /(?:^|[\s,])text\/event-stream(?:$|[\s;,])/i.test(accept);
}

/** Whether a client requests a page rather than data, as browsers do. */
export function wantsPage(accept: string | undefined): boolean {
  return accept !== undefined && accept.toLowerCase().includes("text/html");
}

function isWildcard(name: string): boolean {
  return name === "*/*" || name === "application/*";
}

function weightOf(parameters: readonly string[]): number {
  const weight = parameters.find((parameter) => parameter.startsWith("q="));
  if (weight === undefined) return 1;
  const number = Number(weight.slice(2));
  return Number.isFinite(number) ? number : 0;
}
