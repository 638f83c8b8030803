import { expect, test } from "vitest";
import { readEmission } from "../../../src/task/call/emission.ts";

const circular: Record<string, unknown> = {};
circular.self = circular;

test.each<[type: string, payload: unknown, emission: unknown]>([
  ["page.done", undefined, null],
  ["p", { at: new Date(0), none: undefined, list: [null] }, { at: "1970-01-01T00:00:00.000Z", list: [null] }],
  [`a${"b".repeat(127)}`, "x".repeat(16_382), "x".repeat(16_382)],
])("valid arguments are sent: %#", (type, payload, expected) => {
  expect(readEmission(type, payload).emission).toEqual({ type, payload: expected });
});

test.each<[type: unknown, payload: unknown, message: RegExp]>([
  ["", 1, /takes a letter, then up to 127 .* as its type, got ""/],
  ["1page", 1, /got "1page"/],
  ["a b", 1, /got "a b"/],
  [`a${"b".repeat(128)}`, 1, /got "abb/],
  [Symbol("x"), 1, /got a symbol/],
  [null, 1, /got a object/],
  ["a", 1n, /The payload of emit\("a"\) is a bigint, which JSON cannot hold/],
  ["a", circular, /more than 32 deep, or refers to itself/],
  ["a", { list: [undefined] }, /The payload\.list\.0 of emit\("a"\) is undefined/],
  ["a", () => 1, /is a function, which JSON cannot hold/],
  ["a", { x: { y: "\u0000" } }, /The payload\.x\.y of emit\("a"\) holds U\+0000/],
  ["a", ["\ud800"], /half of a surrogate pair/],
  ["a", "x".repeat(16_383), /is 17 KiB; the limit is 16 KiB/],
  ["a", JSON.parse('{"__proto__":1}'), /has the key "__proto__"/],
])("wrong arguments are refused with the reason: %#", (type, payload, message) => {
  expect(() => readEmission(type, payload)).toThrow(TypeError);
  expect(() => readEmission(type, payload)).toThrow(message);
});

test("a payload that throws is refused, too", () => {
  const hostile = {
    get field(): never {
      throw new Error("a getter");
    },
  };
  expect(() => readEmission("a", hostile)).toThrow(/cannot be read: a getter/);
});
