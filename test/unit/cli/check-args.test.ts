import { describe, expect, test } from "vitest";
import { z } from "zod";
import { checkArgs } from "../../../src/cli/check-args.ts";
import { describeIssue } from "../../../src/errors.ts";
import type { Json, JsonObject } from "../../../src/lib/json/json.ts";

const mail = z.object({
  to: z.email(),
  subject: z.string().min(1),
  copies: z.array(z.email()).default([]),
  at: z.iso.datetime().optional(),
  size: z.union([z.number(), z.enum(["small", "large"])]).optional(),
});

function mistakes(schema: z.ZodType, args: unknown): string[] {
  const jsonSchema = z.toJSONSchema(schema, { io: "input" }) as JsonObject;
  const { issues, unchecked } = checkArgs(jsonSchema, args as Json);
  expect(unchecked).toBeNull();
  return issues.map(describeIssue);
}

describe("args", () => {
  test("that fit pass, with defaults left out", () => {
    expect(mistakes(mail, { to: "a@b.co", subject: "x", size: "small" })).toEqual([]);
  });

  test("that must not be shown are not, where they do not fit", () => {
    const card = z.object({ card: z.object({ number: z.string() }), pins: z.array(z.string()) });
    const schema = z.toJSONSchema(card, { io: "input" }) as JsonObject;
    const args = { card: { number: 4111 }, pins: [1234] };
    const { issues } = checkArgs(schema, args, ["card.number", "pins.*", "absent"]);
    expect(issues.map(describeIssue)).toEqual([
      "args.card.number: expected string, got [redacted].",
      "args.pins.0: expected string, got [redacted].",
    ]);
  });

  test.each<[args: unknown, expected: (string | RegExp)[]]>([
    [{ subject: "x" }, ["args.to: expected string, but it is missing."]],
    [
      { to: "nobody", subject: "" },
      [/^args\.to: Invalid email.*, got "nobody"\.$/, /^args\.subject: Too small.*, got ""\.$/],
    ],
    [{ to: "a@b.co", subject: "x", copies: ["a@b.co", 5] }, ["args.copies.1: expected string, got 5."]],
    [{ to: "a@b.co", subject: "x", at: "noon" }, [/^args\.at: Invalid ISO datetime, got "noon"\.$/]],
    [{ to: "a@b.co", subject: "x", size: [] }, [/^args\.size: expected number.*, got \[\]\.$/]],
    [
      { to: "a@b.co", subject: "x", tpo: 1 },
      ['args.tpo: is not allowed. Did you mean "to"? Allowed: to, subject, copies, at, size.'],
    ],
    [[], ["args: expected object, got []."]],
  ])("%j are refused by path, rule and value", (args, expected) => {
    expect(mistakes(mail, args)).toEqual(
      expected.map((each) => (typeof each === "string" ? each : expect.stringMatching(each))),
    );
  });

  test("that no task may have are refused without a schema too", () => {
    expect(checkArgs(null, { n: 2 ** 60 }).issues).toEqual([]);
    expect(checkArgs(null, JSON.parse('{ "n": 1e999 }')).issues[0]).toMatchObject({ path: ["args", "n"] });
    expect(checkArgs(null, { s: "a\u0000b" }).issues[0]?.message).toMatch(/U\+0000/);
    expect(checkArgs(null, { s: "x".repeat(300 * 1024) }).issues[0]?.message).toMatch(
      /is 301 KiB; the limit is 256 KiB/,
    );
  });

  test("are left to the server where the schema has rules that cannot be checked here", () => {
    const { issues, unchecked } = checkArgs({ type: "object", unevaluatedProperties: false }, {});
    expect(issues).toEqual([]);
    expect(unchecked).toMatch(/not supported/);
  });
});
