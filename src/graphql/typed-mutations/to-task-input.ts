import type { Json } from "../../lib/json.ts";
import { writtenDateTime } from "../scalars.ts";
import type { ValuePlan } from "./input-plan.ts";

/** A value as GraphQL read it, as the plain JSON that the caller meant: absent fields stay absent, nulls stay null. */
export function toTaskInput(plan: ValuePlan, value: unknown): Json {
  if (value === null) return null;
  switch (plan.kind) {
    case "scalar":
      return value instanceof Date ? writtenDateTime(value) : (value as Json);
    case "enum":
      return value as string;
    case "list":
      return (value as readonly unknown[]).map((item) => toTaskInput(plan.item, item));
    case "object": {
      const given = value as Readonly<Record<string, unknown>>;
      return Object.fromEntries(
        plan.fields.flatMap((field) => {
          const held = given[field.name];
          return held === undefined ? [] : [[field.name, toTaskInput(field.value, held)]];
        }),
      );
    }
  }
}
