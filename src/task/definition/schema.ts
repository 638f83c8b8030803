import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";

/** Any schema library that speaks Standard Schema and can print JSON Schema, such as zod 4. */
export type Schema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output> &
  Partial<StandardJSONSchemaV1<Input, Output>>;

/** What callers send: what the schema takes. */
export type InputOf<S> = S extends StandardSchemaV1 ? StandardSchemaV1.InferInput<S> : unknown;
/** What the schema makes of it. */
export type ParsedOf<S> = S extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<S> : unknown;
