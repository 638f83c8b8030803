import { show } from "../lib/quote.ts";
import { isUuid } from "../lib/uuid.ts";
import { badUserInput } from "./errors.ts";

/**
 * Returns an argument that is a UUID in lower case, as IDs are stored.
 *
 * @throws GraphQLError (BAD_USER_INPUT) if it is not a UUID
 */
export function readUuid(name: string, id: string): string {
  if (!isUuid(id)) throw badUserInput(`${name}: expected a UUID, got ${show(id)}.`);
  return id.toLowerCase();
}

/**
 * Refuses an argument that is not from 1 to `max`.
 *
 * @throws GraphQLError (BAD_USER_INPUT)
 */
export function requireRange(name: string, value: number, max: number): void {
  if (value < 1 || value > max) throw badUserInput(`${name}: expected 1 to ${max}, got ${value}.`);
}
