import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { Json } from "../../../../src/lib/json/json.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import { type Api, type Loose, openApi } from "../api.ts";
import { BOOM, Lifecycle } from "../lifecycle.ts";

const pay = defineTask({
  name: "pay.charge",
  input: z.object({
    account: z.string(),
    card: z.object({ number: z.string().meta({ sensitive: true }), holder: z.string() }).optional(),
    codes: z.array(z.int32().meta({ sensitive: true })).default([]),
    mode: z.enum(["now", "by-night"]).default("now"),
    by: z
      .discriminatedUnion("kind", [
        z.object({ kind: z.literal("cheque"), bank: z.string().min(3) }),
        z.object({ kind: z.literal("token"), token: z.string().meta({ sensitive: true }) }),
      ])
      .optional(),
  }),
  output: z.object({
    at: z.iso.datetime(),
    total: z.int(),
    mode: z.enum(["now", "by-night"]),
    parts: z.array(
      z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("fee"), amount: z.number() }),
        z.object({ kind: z.literal("refund"), reason: z.string().nullable() }),
      ]),
    ),
    toString: z.string().optional(),
  }),
  errors: { NoSuchAccount: z.object({ account: z.string(), tries: z.int32() }), Locked: z.string() },
  run: () => null as never,
});
const sum = defineTask({
  name: "math.sum",
  input: z.object({ x: z.number() }),
  output: z.number(),
  run: () => 0,
});
const anything = defineTask({ name: "any.json", run: () => null });

let api: Api;
beforeAll(async () => void (api = await openApi([pay, sum, anything])));
afterAll(() => api[Symbol.asyncDispose]());

async function enqueue(name: string, args: Json): Promise<string> {
  const mutation = `mutation ($input: EnqueueTaskInput!) { enqueueTask(input: $input) { task { id } errors { message } } }`;
  const { enqueueTask } = await api.data(mutation, { input: { name, args } });
  expect(enqueueTask.errors).toEqual([]);
  return enqueueTask.task.id;
}

async function succeeded(name: string, args: Json, output: Json): Promise<string> {
  const id = await enqueue(name, args);
  const lifecycle = await Lifecycle.begin(api);
  await lifecycle.succeed(await lifecycle.start(id), output);
  return id;
}

const read = async (id: string): Promise<Loose> =>
  (
    await api.data(
      `query ($id: ID!) { task(id: $id) {
        hiddenFields
        input { __typename ... on PayChargeArgs { account card { number holder } codes mode } ... on MathSumArgs { x } ... on UntypedValue { json } }
        output { __typename ... on MathSumOutput { value } ... on UntypedValue { json }
          ... on PayChargeOutput { at total mode toString parts { __typename ... on PayChargePartsFeeOutput { amount } ... on PayChargePartsRefundOutput { reason } } } }
      } }`,
      { id },
    )
  )["task"];

const PAID = {
  at: "2026-05-01T09:00:00Z",
  total: 5_000_000_000,
  mode: "by-night",
  parts: [
    { kind: "fee", amount: 1.5 },
    { kind: "refund", reason: null },
  ],
};

test("inputs and outputs have the types of their definition", async () => {
  const id = await succeeded("pay.charge", { account: "a1", mode: "by-night" }, PAID);
  expect(await read(id)).toEqual({
    hiddenFields: [],
    input: { __typename: "PayChargeArgs", account: "a1", card: null, codes: null, mode: "by_night" },
    output: {
      __typename: "PayChargeOutput",
      at: "2026-05-01T09:00:00Z",
      total: 5_000_000_000,
      mode: "by_night",
      toString: null,
      parts: [
        { __typename: "PayChargePartsFeeOutput", amount: 1.5 },
        { __typename: "PayChargePartsRefundOutput", reason: null },
      ],
    },
  });
  const three = await succeeded("math.sum", { x: 3 }, 3);
  expect(await read(three)).toMatchObject({ output: { __typename: "MathSumOutput", value: 3 } });
  const waiting = await enqueue("math.sum", { x: 1 });
  expect(await read(waiting)).toMatchObject({ input: { x: 1 }, output: null });
});

test("sensitive values are null, and their paths are listed", async () => {
  const card = { number: "4111111111111111", holder: "Ada" };
  const id = await enqueue("pay.charge", { account: "a1", card, codes: [7, 8] });
  expect(await read(id)).toMatchObject({
    hiddenFields: ["card.number", "codes.0", "codes.1"],
    input: { card: { number: null, holder: "Ada" }, codes: [null, null] },
  });
});

test("values that do not fit today's schema, or have none, are untyped", async () => {
  for (const output of [
    { ...PAID, total: "many" },
    { ...PAID, parts: [{ kind: "gift" }] },
    { ...PAID, mode: "never" },
    { ...PAID, at: "yesterday" },
    [PAID],
    false,
  ]) {
    const id = await succeeded("pay.charge", { account: "a1" }, output);
    expect(await read(id)).toMatchObject({ output: { __typename: "UntypedValue", json: output } });
  }
  const more = await succeeded("pay.charge", { account: "a1" }, { ...PAID, another: 1 });
  expect(await read(more)).toMatchObject({ output: { __typename: "PayChargeOutput" } });
  const free = await succeeded("any.json", [1], { a: 1 });
  const untyped = { input: { __typename: "UntypedValue", json: [1] }, output: { json: { a: 1 } } };
  expect(await read(free)).toMatchObject(untyped);
  await api.sql.run(`update lovage.task set name = 'gone.task' where id = $1`, [free]);
  expect(await read(free)).toMatchObject(untyped);
  await api.sql.run(`update lovage.task set input = '{"account": 5}' where id = $1`, [more]);
  expect(await read(more)).toMatchObject({ input: { __typename: "UntypedValue", json: { account: 5 } } });
});

test("an outcome is one type for each case, with the data of declared errors", async () => {
  const outcome = async (id: string): Promise<Loose> =>
    (
      await api.data(
        `query ($id: ID!) { task(id: $id) { outcome { __typename
          ... on Succeeded { attempt finishedAt output { ... on MathSumOutput { value } } }
          ... on Failed { attempt error { type } detail { __typename ... on PayChargeNoSuchAccountError { account tries }
            ... on PayChargeLockedError { value } ... on UntypedValue { json } } }
          ... on TimedOut { error { message } attempt }
          ... on Cancelled { by reason attempt finishedAt }
          ... on Expired { expiresAt finishedAt }
          ... on Unfinished { state attempt runAt }
        } } }`,
        { id },
      )
    )["task"].outcome;
  const failed = async (error: object): Promise<Loose> => {
    const lifecycle = await Lifecycle.begin(api);
    const id = await enqueue("pay.charge", { account: "a1" });
    await lifecycle.fail(await lifecycle.start(id), { ...BOOM, ...error });
    return outcome(id);
  };
  expect(await outcome(await succeeded("math.sum", { x: 3 }, 3))).toEqual({
    __typename: "Succeeded",
    ...{ attempt: 1, finishedAt: expect.any(String), output: { value: 3 } },
  });
  const data = { account: "a1", tries: 2 };
  expect(await failed({ type: "NoSuchAccount", detail: { name: "NoSuchAccount", data } })).toEqual({
    ...{ __typename: "Failed", attempt: 1, error: { type: "NoSuchAccount" } },
    detail: { __typename: "PayChargeNoSuchAccountError", ...data },
  });
  expect(await failed({ detail: { name: "Locked", data: "today" } })).toMatchObject({
    detail: { value: "today" },
  });
  expect(await failed({ detail: { name: "Gone", data: [1] } })).toMatchObject({ detail: { json: [1] } });
  expect(await failed({ detail: 5 })).toMatchObject({ __typename: "Failed", detail: null });
  expect(await failed({ type: "TimeLimitExceeded", message: "It took too long." })).toEqual({
    ...{ __typename: "TimedOut", attempt: 1, error: { message: "It took too long." } },
  });
  const cancelled = await enqueue("math.sum", { x: 1 });
  expect(await outcome(cancelled)).toEqual({
    __typename: "Unfinished",
    state: "QUEUED",
    attempt: 0,
    runAt: null,
  });
  await api.services.taskControl.revoke(
    { ids: [cancelled] },
    { terminate: false, by: "ada", reason: "a mistake" },
  );
  expect(await outcome(cancelled)).toMatchObject({
    ...{
      __typename: "Cancelled",
      by: "ada",
      reason: "a mistake",
      attempt: 0,
      finishedAt: expect.any(String),
    },
  });
  await api.sql.run(`update lovage.task set state = 'EXPIRED', expires_at = now() where id = $1`, [
    cancelled,
  ]);
  expect(await outcome(cancelled)).toMatchObject({ __typename: "Expired", expiresAt: expect.any(String) });
});

test("a union goes in as one of several fields, and comes out as a union", async () => {
  const mutation = `mutation ($input: PayChargeInput!) { enqueuePayCharge(input: $input) { errors { message path }
    task { hiddenFields input { ... on PayChargeArgs { by { __typename ... on PayChargeByChequeArgs { bank } ... on PayChargeByTokenArgs { kind token } } } } } } }`;
  const charge = async (by: object): Promise<Loose> =>
    (await api.data(mutation, { input: { account: "a1", by } }))["enqueuePayCharge"];
  expect(await charge({ cheque: { bank: "bank" } })).toMatchObject({
    task: { hiddenFields: [], input: { by: { __typename: "PayChargeByChequeArgs", bank: "bank" } } },
  });
  expect(await charge({ token: { token: "abc" } })).toMatchObject({
    task: { hiddenFields: ["by.token"], input: { by: { kind: "token", token: null } } },
  });
  expect(await charge({ cheque: { bank: "b" } })).toMatchObject({
    errors: [{ path: ["input", "by", "cheque", "bank"] }],
  });
});
