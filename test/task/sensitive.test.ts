import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { z } from "zod";
import { SecretsUnreadable, Vault } from "../../src/task/vault.ts";
import { DefinitionError } from "../../src/errors.ts";
import { Keyring } from "../../src/lib/keyring.ts";
import { defineTask } from "../../src/task/definition.ts";
import { hideValues } from "../../src/task/hide-values.ts";
import { mergeSecrets, splitSecrets } from "../../src/task/sensitive.ts";

const paths = (...texts: readonly string[]) => texts.map((text) => text.split("."));
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

test("values are hidden in texts, the longest first; what is too short stays", () => {
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
    /"pasword" is no path into the input; sensitive: "card\.nmber" is no path into the input; sensitive: "card\.\.x" is no path into the input\.$/,
  );
});

test("a recursive schema with sensitive fields is refused: their places cannot be listed", () => {
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
  const old = new Vault(new Keyring([k1])).hide("mail", input, paths("password"), null)!;
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

test("equal inputs can be told to be equal under one idempotency key, across a change of keys, and otherwise not", () => {
  const [old, changed] = [new Vault(new Keyring([k1])), new Vault(new Keyring([k2, k1]))];
  const hide = (vault: Vault, input: { p: string; q?: number }, key: string | null) =>
    vault.hide("mail", input, paths("p", "q"), key)!;
  const first = hide(old, { p: "x", q: 1 }, "key");
  expect(hide(changed, { q: 1, p: "x" }, "key").sealedAs).toContain(first.hidden.sealed);
  expect(hide(changed, { p: "y", q: 1 }, "key").sealedAs).not.toContain(first.hidden.sealed);
  expect(hide(old, { p: "x", q: 1 }, "other key").sealedAs).not.toContain(first.hidden.sealed);
  expect(hide(old, { p: "x" }, null).hidden.sealed).not.toBe(hide(old, { p: "x" }, null).hidden.sealed);
});
