import { isUuid } from "../lib/uuid.ts";
import { show } from "../task/call/enqueue-options.ts";
import { badUserInput } from "./errors.ts";

/** @throws GraphQLError (BAD_USER_INPUT) */
export function requireUuid(name: string, id: string): void {
  if (!isUuid(id)) throw badUserInput(`${name} must be a UUID, got ${show(id)}.`);
}
