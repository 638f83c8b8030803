import type { JsonObject } from "../../lib/json/json.ts";
import type { AnyTaskDefinition } from "../definition/definition.ts";
import { mutationFieldOf } from "../definition/names.ts";
import { inputBreaks, outputBreaks, type SchemaBreak } from "./compare-schemas.ts";

/** What callers and readers of a task definition rely on. */
export interface DefinitionContract {
  readonly name: string;
  /** JSON Schema 2020-12 of the input; null for any JSON: then there is no typed mutation. */
  readonly inputSchema: JsonObject | null;
  /** JSON Schema 2020-12 of the output; null for any JSON. */
  readonly outputSchema: JsonObject | null;
}

/** Who breaks: `callers` of typed mutations and of enqueues, `readers` of outputs. */
export interface ContractBreak {
  readonly affects: "callers" | "readers";
  /** The place, such as `args.to` or `output.id`. */
  readonly path: string;
  readonly what: string;
}

export function contractOf({
  name,
  inputJsonSchema,
  outputJsonSchema,
}: Pick<AnyTaskDefinition, "name" | "inputJsonSchema" | "outputJsonSchema">): DefinitionContract {
  return { name, inputSchema: inputJsonSchema, outputSchema: outputJsonSchema };
}

/** Returns what breaks when a definition changes. */
export function contractBreaks(
  before: DefinitionContract,
  after: DefinitionContract,
): readonly ContractBreak[] {
  const lost: readonly ContractBreak[] =
    before.inputSchema !== null && after.inputSchema === null
      ? [{ affects: "callers", path: "mutation", what: `${mutationFieldOf(before.name)} was removed` }]
      : [];
  return [
    ...lost,
    ...inputBreaks(before.inputSchema, after.inputSchema).map(at("callers", "args")),
    ...outputBreaks(before.outputSchema, after.outputSchema).map(at("readers", "output")),
  ];
}

function at(affects: ContractBreak["affects"], root: string): (found: SchemaBreak) => ContractBreak {
  return ({ path, what }) => ({ affects, path: [root, ...path].join("."), what });
}
