import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { SecretsUnreadable, Vault } from "../../../src/task/sensitive/vault.ts";
import { DefinitionError } from "../../../src/errors.ts";
import type { Json } from "../../../src/lib/json/json.ts";
import { Keyring } from "../../../src/lib/keyring.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import { hideValues } from "../../../src/task/sensitive/hide-values.ts";
import { mergeSecrets, splitSecrets } from "../../../src/task/sensitive/sensitive.ts";

const paths = (...texts: readonly string[]) => texts.map((text) => text.split("."));
const sortedByLength = (named: ReturnType<typeof paths>) => [...named].sort((a, b) => a.length - b.length);
const [k1, k2] = ["k1", "k2"].map((id) => ({ id, key: randomBytes(32) })) as [
  { id: string; key: Buffer },
  { id: string; key: Buffer },
];

test.each([
  [{ password: "x", other: 1 }, ["password"], { password: "[redacted]", other: 1 }],
  [
    { items: [{ secret: "a", n: 1 }, { n: 2 }, "odd"] },
    ["items.*.secret"],
    { items: [{ secret: "[redacted]", n: 1 }, { n: 2 }, "odd"] },
  ],
  [{ "a/b": { "~": "x" } }, ["a/b.~"], { "a/b": { "~": "[redacted]" } }],
  [{ pair: ["open", "shut"] }, ["pair.1"], { pair: ["open", "[redacted]"] }],
  [{ all: { x: 1, y: [2] } }, ["all.*"], { all: { x: "[redacted]", y: "[redacted]" } }],
  [{ card: { number: "1" }, n: null }, ["card", "card.number", "n"], { card: "[redacted]", n: null }],
])("%j without %j is %j, and can be put together again", (input, named, shown) => {
  const split = splitSecrets(input, paths(...named))!;
  expect(split.shown).toEqual(shown);
  expect(mergeSecrets(split.shown, split.secrets)).toEqual(input);
});

test("an input without sensitive values is left alone", () => {
  expect(splitSecrets({ a: 1, b: null }, paths("b", "c.d", "a.x"))).toBeNull();
});

test("values are hidden in strings, the longest first; too short ones stay", () => {
  const secrets = { "/a": "hunter2", "/b": { c: ["hunter2 and more", 123456] }, "/d": "no" };
  expect(hideValues("got hunter2 and more, hunter2, 123456, no", secrets)).toBe(
    "got [redacted], [redacted], [redacted], no",
  );
});

test("values are hidden as JSON writes them, too", () => {
  const secrets = { "/pem": '-----BEGIN "KEY"-----\nabc\n' };
  const text = `sent ${JSON.stringify({ pem: secrets["/pem"] })} to ${secrets["/pem"]}.`;
  expect(hideValues(text, secrets)).toBe('sent {"pem":"[redacted]"} to [redacted].');
});

test("fields that the schema calls sensitive are found, wherever they are", () => {
  const card = z.object({ number: z.string().meta({ sensitive: true }), holder: z.string() });
  const { sensitive } = defineTask({
    name: "pay",
    sensitive: ["note"],
    input: z.object({
      note: z.string(),
      card,
      more: z.array(card).optional(),
      either: z.union([z.object({ pin: z.int().meta({ sensitive: true }) }), z.null()]),
      byName: z.record(z.string(), z.string().meta({ sensitive: true })),
    }),
    run: () => null,
  });
  expect(sensitive.map((path) => path.join(".")).sort()).toEqual([
    ...["byName.*", "card.number", "either.pin", "more.*.number", "note"],
  ]);
});

test("a sensitive field of an output or of the data of an error is refused: only inputs are hidden", () => {
  const secret = z.string().meta({ sensitive: true });
  const define = () =>
    defineTask({
      name: "key.make",
      output: z.object({ keys: z.array(z.object({ secret })) }),
      errors: { Taken: z.object({ secret }) },
      run: () => ({ keys: [] }),
    });
  expect(define).toThrow(
    'Task "key.make" cannot be defined: output.keys.*.secret: expected no sensitive field, since only inputs are hidden. ' +
      "Return a reference to the value, such as the id of its row; errors.Taken.secret: expected no sensitive field",
  );
});

test("paths that lead nowhere are refused, all at once", () => {
  const define = () =>
    defineTask({
      name: "pay",
      sensitive: ["pasword", "card.nmber", "card..x", "items.*.secret", "any.thing.inside"],
      input: z.object({
        password: z.string(),
        card: z.object({ number: z.string() }),
        items: z.array(z.object({ secret: z.string() })),
        any: z.unknown(),
      }),
      run: () => null,
    });
  expect(define).toThrow(DefinitionError);
  expect(define).toThrow(
    /"pasword" is not a path into the input; sensitive: "card\.nmber" is not a path into the input; sensitive: "card\.\.x" is not a path into the input\.$/,
  );
});

test("a recursive schema with sensitive fields is refused: their paths cannot be listed", () => {
  interface Node {
    secret: string;
    next?: Node | undefined;
  }
  const node: z.ZodType<Node> = z.lazy(() =>
    z.object({ secret: z.string().meta({ sensitive: true }), next: node.optional() }),
  );
  expect(() => defineTask({ name: "walk", input: z.object({ node }), run: () => null })).toThrow(/recursive/);
});

test("encrypted fields open with any of the keys, for their task only, and unchanged only", () => {
  const input = { password: "hunter2", n: 1 };
  const old = new Vault(new Keyring([k1])).hide("mail", splitSecrets(input, paths("password"))!);
  expect(JSON.stringify(old)).not.toContain("hunter2");
  expect(old).toMatchObject({ input: { password: "[redacted]", n: 1 }, hidden: { sealed: /^k1\./ } });
  const reveal = (vault: Vault, name: string, sealed = old.hidden.sealed!) =>
    vault.reveal({ name, input: old.input, options: { hidden: { sealed } } })?.input;
  const both = new Vault(new Keyring([k2, k1]));
  expect(reveal(both, "mail")).toEqual(input);
  expect(() => reveal(both, "other")).toThrow(SecretsUnreadable);
  expect(() => reveal(both, "mail", `${old.hidden.sealed!.slice(0, -4)}AAAA`)).toThrow(SecretsUnreadable);
  expect(() => reveal(new Vault(new Keyring([k2])), "mail")).toThrow(/the key "k1" is not known here/);
  expect(() => reveal(new Vault(null), "mail")).toThrow(/the key "k1" is not known here/);
});

test("equal inputs cannot be recognised as equal", () => {
  const vault = new Vault(new Keyring([k1]));
  const hide = () => vault.hide("mail", splitSecrets({ p: "x" }, paths("p"))!);
  expect(hide().hidden.sealed).not.toBe(hide().hidden.sealed);
});

describe("encrypted args of a schedule", () => {
  const vault = new Vault(new Keyring([k1]));
  const [named, taskName] = ["hourly", "mail"];
  const secret = paths("token", "keys.*", "card.number", "card");
  const args = { token: "hunter2", note: "shown", keys: ["a", { b: 1 }], card: { number: "1", n: 2 } };
  const sealed = vault.sealArgs({ name: named, taskName, args }, sortedByLength(secret)) as Record<
    string,
    Json
  >;
  const open = (changed: Json, at: ReturnType<typeof paths> | null = secret, task = taskName): Json =>
    vault.openArgs({ taskName: task, args: changed }, at).args;

  test("open at their paths, and are the same for the same args", () => {
    expect(JSON.stringify(sealed)).not.toMatch(/hunter2|"b"/);
    expect(open(sealed)).toEqual(args);
    expect(vault.sealArgs({ name: named, taskName, args }, sortedByLength(secret))).toEqual(sealed);
    expect(vault.openArgs({ taskName, args: sealed }, null)).toEqual({
      args,
      sealedAt: paths("token", "keys.0", "keys.1", "card"),
    });
  });

  test.each<[string, Json]>([
    ["a field that is not sensitive", { ...sealed, note: sealed["token"]! }],
    ["a sensitive field of another name", { ...sealed, card: sealed["token"]! }],
    ["another element of a list", { ...sealed, keys: (sealed["keys"] as Json[]).toReversed() }],
    ["the inside of a field that is not sensitive", { ...sealed, note: [{ deep: sealed["token"]! }] }],
  ])("do not open in %s", (_where, moved) => {
    expect(() => open(moved)).toThrow(SecretsUnreadable);
    expect(() => open(moved)).toThrow(/set the args of the schedule again/);
    expect(() => open(moved, null)).toThrow(SecretsUnreadable);
  });

  test("do not open for another task", () => {
    expect(() => open(sealed, secret, "other")).toThrow(/do not open with the key "k1"/);
  });
});

test("digests are equal while the last key stays, differ by purpose, and reveal nothing without a key", () => {
  const [old, both, changed] = [[k1], [k2, k1], [k2]].map(
    (keys) => new Vault(new Keyring(keys as [typeof k1])),
  );
  expect(both!.digest("unique a", "1234")).toBe(old!.digest("unique a", "1234"));
  expect(changed!.digest("unique a", "1234")).not.toBe(old!.digest("unique a", "1234"));
  expect(old!.digest("limit", "1234")).not.toBe(old!.digest("unique a", "1234"));
  expect(old!.digest("limit", "1234")).toMatch(/^[\w-]{43}$/);
  expect(new Vault(null).digest("limit", "1234")).toBeNull();
});

test("a field within a sensitive one is part of it, in whatever order they are named", () => {
  const card = z.object({ number: z.string(), holder: z.string() });
  const { sensitive } = defineTask({
    ...{ name: "pay", input: z.object({ card }), run: () => null },
    sensitive: ["card.number", "card"],
  });
  const vault = new Vault(new Keyring([k1]));
  const args = { card: { number: "4000", holder: "ada" } };
  const sealed = vault.sealArgs({ name: "s", taskName: "pay", args }, sensitive);
  expect(vault.openArgs({ taskName: "pay", args: sealed }, sensitive).args).toEqual(args);
});
