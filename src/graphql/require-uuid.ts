import { show } from "../lib/quote.ts";
import { isUuid } from "../lib/uuid.ts";
import { badUserInput } from "./errors.ts";

/** @throws GraphQLError (BAD_USER_INPUT) */
export function requireUuid(name: string, id: string): void {
  if (!isUuid(id)) throw badUserInput(`${name} must be a UUID, got ${show(id)}.`);
}
