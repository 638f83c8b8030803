import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { buildLovageSchema } from "../../../../../src/graphql/schema.ts";
import { defineTask } from "../../../../../src/task/definition/define-task.ts";
import { Registry } from "../../../../../src/task/definition/registry.ts";
import { openSocket } from "../../../../support/socket-client.ts";
import { startServer, type TestServer } from "../test-server.ts";

const SECRET = "hunter2 and more";
const charge = defineTask({
  name: "card.charge",
  input: z.object({
    user: z.string(),
    amount: z.int32(),
    card: z.object({
      pin: z.int32().meta({ sensitive: true }),
      kind: z.enum(["VISA", "MAESTRO"]),
      cvcs: z.array(z.int32()),
    }),
    extra: z.record(z.string(), z.string()).optional(),
  }),
  sensitive: ["card.kind", "card.cvcs.*"],
  run: () => null,
});
const schema = buildLovageSchema(new Registry([{ definition: charge, file: null }]));

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ schema });
});
afterAll(() => server[Symbol.asyncDispose]());

const card = { pin: 1, kind: "VISA", cvcs: [1] };
const input = { user: "ada", amount: 1, card };
const CHARGE =
  "mutation ($input: CardChargeInput!) { enqueueCardCharge(input: $input) { errors { message } } }";
const inline = (fields: string): string =>
  `mutation { enqueueCardCharge(input: { ${fields} }) { errors { message } } }`;
const enqueue = (args: string, variables = ""): string =>
  `mutation ${variables} { enqueueTask(input: { name: "card.charge", args: ${args} }) { errors { message } } }`;

const CASES: readonly [string, string, object, string][] = [
  [
    "an Int",
    CHARGE,
    { input: { ...input, card: { ...card, pin: SECRET } } },
    'Variable "$input" got an invalid value at "input.card.pin": expected Int!, got [redacted].',
  ],
  [
    "an enum",
    CHARGE,
    { input: { ...input, card: { ...card, kind: SECRET } } },
    'Variable "$input" got an invalid value at "input.card.kind": expected CardChargeCardKindEnum!, got [redacted].',
  ],
  [
    "one of a list",
    CHARGE,
    { input: { ...input, card: { ...card, cvcs: [1, SECRET] } } },
    'Variable "$input" got an invalid value at "input.card.cvcs[1]": expected Int!, got [redacted].',
  ],
  [
    "an object, in which something is missing",
    CHARGE,
    { input: { amount: 1, card: { ...card, cvcs: [777_777] } } },
    'Variable "$input" got an invalid value: Field "user" of required type "String!" was not provided.',
  ],
  [
    "an object with an unknown field",
    CHARGE,
    { input: { ...input, card: { ...card, cvcs: [777_777], pni: SECRET } } },
    "is not defined by type",
  ],
  [
    "a variable of its own",
    'mutation ($pin: Int!) { enqueueCardCharge(input: { user: "ada", amount: 1, card: { pin: $pin, kind: VISA, cvcs: [1] } }) { errors { message } } }',
    { pin: SECRET },
    'Variable "$pin" got an invalid value: expected Int!, got [redacted].',
  ],
  [
    "a literal Int",
    inline(`user: "ada", amount: 1, card: { pin: "${SECRET}", kind: VISA, cvcs: [1] }`),
    {},
    "Expected a value of type Int!, got [redacted].",
  ],
  [
    "a literal enum",
    inline(`user: "ada", amount: 1, card: { pin: 1, kind: hunter2, cvcs: [1] }`),
    {},
    "Expected a value of type CardChargeCardKindEnum!, got [redacted].",
  ],
  [
    "a literal in place of an object",
    inline(`user: "ada", amount: 1, card: "${SECRET}"`),
    {},
    "Expected a value of type CardChargeCardInput!, got [redacted].",
  ],
  [
    "a literal out of range",
    inline(`user: "ada", amount: 1, card: { pin: 77777777777, kind: VISA, cvcs: [1] }`),
    {},
    "Expected a value of type Int!, got [redacted].",
  ],
  [
    "the default of a variable",
    `mutation ($pin: Int! = "${SECRET}") { enqueueCardCharge(input: { user: "ada", amount: 1, card: { pin: $pin, kind: VISA, cvcs: [1] } }) { errors { message } } }`,
    {},
    "Expected a value of type Int!, got [redacted].",
  ],
  [
    "a string where none belongs",
    `mutation { enqueueCardCharge(input: { "${SECRET}" }) { errors { message } } }`,
    {},
    "Syntax error at 1:39: expected Name, found String.",
  ],
  ["a bare word in JSON", enqueue("{ card: { pin: hunter2 } }"), {}, "[redacted]"],
  [
    "a variable in JSON",
    enqueue("{ card: { pin: $pin } }", "($pin: Int!)"),
    { pin: SECRET },
    "got [redacted]",
  ],
  [
    "args beside a wrong option",
    "mutation ($input: EnqueueTaskInput!) { enqueueTask(input: $input) { errors { message } } }",
    { input: { name: "card.charge", args: { pin: SECRET }, options: { queu: "x" } } },
    "is not defined by type",
  ],
  [
    "args that are not an object",
    "mutation ($input: EnqueueTaskInput!) { enqueueTask(input: $input) { errors { message } } }",
    { input: { name: 7, args: { pin: SECRET } } },
    "String cannot represent a non string value: 7",
  ],
];

test.each(CASES)("no error quotes a sensitive value: %s", async (_what, query, variables, message) => {
  const { body } = await server.post({ query, variables });
  const text = JSON.stringify(body.errors);
  expect(text).toContain(JSON.stringify(message).slice(1, -1));
  expect(text).not.toMatch(/hunter2|777777/);
  await using socket = await openSocket(server.url);
  await socket.init();
  socket.subscribe("1", query, { variables });
  const said = JSON.stringify(await socket.next());
  expect(said).toContain(JSON.stringify(message).slice(1, -1));
  expect(said).not.toMatch(/hunter2|777777/);
});

test("values that are not sensitive are quoted as before", async () => {
  const ask = async (query: string, variables = {}) =>
    (await server.post({ query, variables })).body.errors![0]!.message;
  expect(await ask(CHARGE, { input: { ...input, amount: "much" } })).toBe(
    'Variable "$input" got invalid value "much" at "input.amount"; Int cannot represent non-integer value: "much"',
  );
  expect(await ask(inline('user: "ada", amount: "much", card: { pin: 1, kind: VISA, cvcs: [1] }'))).toBe(
    'Int cannot represent non-integer value: "much"',
  );
});
