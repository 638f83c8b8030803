import { plain } from "../output.ts";
import { planAsJson, type Plan, tellPlan } from "../schedule/plan.ts";
import type { Conversion } from "./to-schedule.ts";

/** What was read, and what becomes of it. */
export interface Report {
  readonly plan: Plan;
  readonly conversions: readonly Conversion[];
}

/** The plan, then `! name: …` for what comes with a difference, `✗ name: …` for what has no counterpart, and how many there are of each. */
export function tellReport({ plan, conversions }: Report): string[] {
  const notes = conversions.flatMap((conversion) =>
    conversion.kind === "schedule" ? conversion.notes.map((note) => `! ${conversion.name}: ${note}`) : [],
  );
  const left = ofKind(conversions, "left").map(({ name, reason }) => `✗ ${name}: no counterpart: ${reason}`);
  const skipped = ofKind(conversions, "skipped").map(({ name, reason }) => `· ${name}: skipped: ${reason}`);
  const counts = [
    `${plan.creates.length} made`,
    `${plan.updates.length} changed`,
    `${plan.unchanged.length} unchanged`,
    `${left.length} without counterpart`,
    `${skipped.length} skipped`,
  ];
  return [
    ...tellPlan(plan),
    ...[...notes, ...left, ...skipped].map((line) => plain(line).replaceAll("\n", " ")),
    `${conversions.length} periodic tasks: ${counts.join(", ")}`,
  ];
}

/** The same as one value of JSON. */
export function reportAsJson({ plan, conversions }: Report): Readonly<Record<string, unknown>> {
  const { created, updated, unchanged } = planAsJson(plan);
  return {
    ...{ created, updated, unchanged },
    notes: conversions.flatMap((conversion) =>
      conversion.kind === "schedule" ? conversion.notes.map((note) => ({ name: conversion.name, note })) : [],
    ),
    left: ofKind(conversions, "left"),
    skipped: ofKind(conversions, "skipped"),
  };
}

function ofKind(
  conversions: readonly Conversion[],
  kind: "left" | "skipped",
): { readonly name: string; readonly reason: string }[] {
  return conversions.flatMap((conversion) =>
    conversion.kind !== "schedule" && conversion.kind === kind
      ? [{ name: conversion.name, reason: conversion.reason }]
      : [],
  );
}
