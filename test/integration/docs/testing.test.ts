import { expect, test } from "vitest";
import { docExamples } from "../../support/doc-examples.ts";

test("the example of a test passes as one", async () => {
  await using examples = await docExamples("docs/tasks.md");
  const { remindsAfterADay } = await examples.load<{ remindsAfterADay: () => Promise<string> }>(
    "orders.test.ts",
  );
  expect(await remindsAfterADay()).toBe("Order 7 is still open.");
});
