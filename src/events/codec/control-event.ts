import { CONTROL_ACTIONS, type ControlEntry } from "../../task/records/control.ts";
import type { ControlEvent } from "../../task/records/event.ts";

/** Commands as rows of text; the time is epoch milliseconds. */
export type ControlRow = readonly [kind: "c", at: number, fields: Omit<ControlEntry, "at">];

export function controlRow({ entry: { at, ...fields } }: ControlEvent): ControlRow {
  return ["c", at.getTime(), fields];
}

export function isControlRow(row: unknown): row is ControlRow {
  if (!Array.isArray(row) || row[0] !== "c" || row.length < 3) return false;
  const fields = row[2] as Partial<ControlEntry> | null;
  return (
    typeof row[1] === "number" &&
    typeof fields?.id === "number" &&
    (CONTROL_ACTIONS as readonly unknown[]).includes(fields.action) &&
    Array.isArray(fields.changes)
  );
}

export function readControl([, at, fields]: ControlRow): ControlEvent {
  return { kind: "control", entry: { ...fields, at: new Date(at) } };
}
