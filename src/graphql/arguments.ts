import { show } from "../lib/quote.ts";
import { isUuid } from "../lib/uuid.ts";
import { badUserInput } from "./errors.ts";

/**
 * Refuses an argument that is not a UUID.
 *
 * @throws GraphQLError (BAD_USER_INPUT)
 */
export function requireUuid(name: string, id: string): void {
  if (!isUuid(id)) throw badUserInput(`${name}: expected a UUID, got ${show(id)}.`);
}

/**
 * Refuses an argument that is not from 1 to `max`.
 *
 * @throws GraphQLError (BAD_USER_INPUT)
 */
export function requireRange(name: string, value: number, max: number): void {
  if (value < 1 || value > max) throw badUserInput(`${name}: expected 1 to ${max}, got ${value}.`);
}
