import { expect, test } from "vitest";
import { findJsonErrorPosition } from "../../../../../src/graphql/http/requests/request-body.ts";

// The position of the bad character is marked by ^ and taken out before parsing.
test.each([
  '{"a":^x}',
  "^x",
  '{"aaa":1,^}',
  '{"a":1}^ x'.replace("^ ", " ^"),
  '{"query":"{ hello }","variables":{"x":nul^}, "y":"a long text"}',
  "^xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  '{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":t^x',
  '{"x":1,"a":"^\n"}',
  '{"x":[x^'.replace("x^", "^x"),
  '{"nnnn":^N}',
  '{"x":[1,2^',
  '{"open":"text^',
  "^",
])("%s", (marked) => {
  const position = marked.indexOf("^");
  const text = marked.replace("^", "");
  let thrown: unknown = null;
  try {
    JSON.parse(text);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).not.toBeNull();
  expect(findJsonErrorPosition(text, thrown)).toBe(position);
});

test("a position that V8's message does not determine is not guessed", () => {
  const text = `["${"x".repeat(30)}", x, "0123456789", x, "0123456789", x, "0123456789"]`;
  let thrown: unknown = null;
  try {
    JSON.parse(text);
  } catch (error) {
    thrown = error;
  }
  const position = findJsonErrorPosition(text, thrown);
  expect([null, text.indexOf(", x") + 2]).toContain(position);
});
