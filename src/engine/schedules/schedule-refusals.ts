import { show } from "../../lib/quote.ts";
import { type Issue, RefusedError } from "../../errors.ts";
import type { ScheduleRecord } from "../../task/schedule/schedule.ts";

export function scheduleNotFound(id: string): RefusedError {
  return refused("NOT_FOUND", ["id"], `There is no schedule ${show(id)}.`);
}

export function nameTaken(name: string): RefusedError {
  const message = `A schedule named ${show(name)} exists.`;
  return refused("ALREADY_EXISTS", ["name"], message, "Change that one, or take another name.");
}

export function staleVersion(present: ScheduleRecord, version: number): RefusedError {
  const message = `${show(present.name)} was changed since version ${version}; it is at version ${present.version} now.`;
  return refused("CONFLICT", ["version"], message, "Read it again, and send the change with its version.");
}

export function cannotRun({ name }: ScheduleRecord, problem: string): RefusedError {
  return refused("ILLEGAL_STATE", ["id"], `${show(name)} cannot be used: ${problem}`, "Change it first.");
}

/** @throws RefusedError for a schedule that comes from code */
export function refuseCode({ name, source }: ScheduleRecord): void {
  if (source !== "CODE") return;
  const message = `${show(name)} comes from code: here it can only be enabled and disabled.`;
  throw refused("UNSUPPORTED", ["id"], message, "Change the code, and start beat again.");
}

function refused(code: Issue["code"], path: string[], message: string, hint?: string): RefusedError {
  return new RefusedError([{ code, path, message, ...(hint === undefined ? {} : { hint }) }]);
}
