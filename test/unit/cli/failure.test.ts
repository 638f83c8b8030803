import { expect, test } from "vitest";
import { nameFlags, toFailure } from "../../../src/cli/failure.ts";

const trap = (): never => {
  throw new Error("trap");
};
const round = new Error("round");
round.cause = round;

test.each<[string, unknown, string]>([
  [
    "several errors without a message",
    Object.assign(new AggregateError([new Error("a")]), { code: "ECONNREFUSED" }),
    "Unexpected AggregateError: ECONNREFUSED",
  ],
  [
    "a message that cannot be read",
    Object.defineProperty(new Error("x"), "message", { get: trap }),
    "Unexpected Error: (Its message cannot be read.)",
  ],
  [
    "a name that is a symbol",
    Object.assign(new TypeError("x"), { name: Symbol("n") }),
    "Unexpected TypeError: x",
  ],
  [
    "a proxy",
    new Proxy({}, { get: trap, getPrototypeOf: trap }),
    "Unexpected Error: A value that is not an Error was thrown: an object that is not JSON",
  ],
  ["a cause that leads back", round, "Unexpected Error: round"],
  ["no prototype", Object.create(null), "Unexpected Error: A value that is not an Error was thrown: {}"],
])("the command line reports the failure, whatever was thrown: %s", (_what, thrown, message) => {
  expect(toFailure(thrown)).toMatchObject({ code: "BUG", message });
});

test("a used port is reported with the remedy, wherever it is in the causes", () => {
  const taken = Object.assign(new Error("x"), { code: "EADDRINUSE", port: 4000 });
  expect(toFailure(new Error("on top", { cause: taken }))).toMatchObject({ message: "port 4000 is in use." });
});

test.each([
  [["migrate", "--database-url", "postgres://h/x"], "Start it, or change --database-url."],
  [["migrate", "--database-url=postgres://h/x"], "Start it, or change --database-url."],
  [["migrate", "--redis-url", "redis://h"], "Start it, or change DATABASE_URL."],
  [["migrate"], "Start it, or change DATABASE_URL."],
])("after %j a message names the user's argument", (argv, message) => {
  expect(nameFlags("Start it, or change DATABASE_URL.", argv)).toBe(message);
});
