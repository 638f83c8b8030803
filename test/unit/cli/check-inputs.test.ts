import { expect, test } from "vitest";
import { z } from "zod";
import { checkWaitingInput } from "../../../src/cli/contract/check-inputs.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";

test("a stored input that does not fit shows no key of a sensitive record", async () => {
  const definition = defineTask({
    name: "contract.record",
    input: z.object({ m: z.record(z.string().max(2), z.string()) }),
    sensitive: ["m"],
    run: () => null,
  });
  const m = { "SECRET-4111": "x" };
  const stored = {
    kind: "task",
    id: "1",
    definition: definition.name,
    isActive: true,
    problem: null,
  } as const;
  for (const secrets of [{ "/m": m }, {}]) {
    const { problems } = await checkWaitingInput(definition, { ...stored, args: { m }, secrets });
    expect(problems.map(({ text }) => text)).toEqual([
      "args.m.[redacted]: Invalid key in record, got [redacted]",
    ]);
  }
});
