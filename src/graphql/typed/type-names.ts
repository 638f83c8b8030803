import { DefinitionError } from "../../errors.ts";
import type { EnumPlan, ObjectPlan, UnionPlan, ValuePlan } from "./value-plan.ts";

export type NamedPlan = EnumPlan | ObjectPlan | UnionPlan;

/** The names of the types that are made of definitions, in all parts of one schema. */
export class TypeNames {
  readonly #claimed = new Map<string, { readonly task: string; readonly shape: string }>();

  /** @param reserved type names of the API itself */
  constructor(private readonly reserved: ReadonlySet<string>) {}

  /**
   * Claims the name of a plan for a task. Plans of one shape may share a name.
   *
   * @throws DefinitionError that names both tasks, if another type has the same name and a
   *   different shape
   */
  claim(plan: NamedPlan, task: string): void {
    const { typeName } = plan;
    const shape = shapeOf(plan);
    const claimed = this.#claimed.get(typeName);
    if (claimed?.shape === shape) return;
    if (claimed) throw twoShapes(typeName, claimed.task, task);
    if (this.reserved.has(typeName)) throw takenByApi(`type "${typeName}"`, task);
    this.#claimed.set(typeName, { task, shape });
  }
}

/** Returns the part of a plan in which two uses of a type must be equal. */
function shapeOf(plan: ValuePlan): string {
  return JSON.stringify(plan, (key, value: unknown) => (key === "description" ? undefined : value));
}

function twoShapes(typeName: string, first: string, second: string): DefinitionError {
  const tasks =
    first === second
      ? `${JSON.stringify(first)} gives`
      : `${JSON.stringify(first)} and ${JSON.stringify(second)} give`;
  const subject = first === second ? "Task" : "Tasks";
  return new DefinitionError(
    `${subject} ${tasks} two different GraphQL types the name "${typeName}". Rename a task or a property of its schemas.`,
  );
}

export function takenByApi(what: string, task: string): DefinitionError {
  return new DefinitionError(
    `Task ${JSON.stringify(task)} would give the API a second ${what}. Rename the task.`,
  );
}
