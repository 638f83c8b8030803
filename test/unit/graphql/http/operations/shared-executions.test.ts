import { buildSchema, execute, type ExecutionArgs, type ExecutionResult, parse } from "graphql";
import { expect, test } from "vitest";
import { SharedExecutions } from "../../../../../src/graphql/http/operations/shared-executions.ts";

const schema = buildSchema(`
  type Query { no: Int }
  type Subscription { news(topic: String, first: Int): News! }
  type News { text: String  load: Int  fails: Int }
`);

const DOCUMENT = parse(`subscription ($topic: String, $first: Int, $loads: Boolean = true) {
  news(topic: $topic, first: $first) { text load @include(if: $loads) } }`);
const FRAGMENTS = parse(`subscription ($loads: Boolean!) { news { ...Part } }
  fragment Part on News { load @include(if: $loads) }`);
const FAILING = parse(`subscription { news { text fails } }`);

/** Subscribers whose sources are fed by hand, and how often fields were resolved. */
function setup() {
  const shared = new SharedExecutions({ execute, isLarge: () => false });
  const calls = { load: 0, fails: 0 };
  const sources: Feed[] = [];
  const message = (event: object, text = "hot") => ({
    news: {
      text,
      load: async () => (calls.load += 1),
      fails: async () => {
        calls.fails += 1;
        if (calls.fails === 1) throw new Error("away");
        return calls.fails;
      },
    },
    event,
  });
  const subscribe = async (
    document = DOCUMENT,
    variableValues: ExecutionArgs["variableValues"] = {},
    actor = "ann",
  ) => {
    const source = new Feed();
    sources.push(source);
    const rootValue = { news: () => source };
    const stream = await shared.subscribe({ schema, document, rootValue, variableValues }, actor);
    if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
    return stream;
  };
  /** Tells all subscribers of one event. */
  const tell = (event: object = {}) => {
    for (const source of sources) source.push(message(event));
  };
  return { shared, calls, subscribe, tell };
}

class Feed implements AsyncIterableIterator<object, undefined> {
  readonly #items: object[] = [];
  returned = 0;
  [Symbol.asyncIterator] = (): this => this;
  push = (item: object): void => void this.#items.push(item);
  next = async (): Promise<IteratorResult<object, undefined>> => {
    const value = this.#items.shift();
    return value && this.returned === 0 ? { done: false, value } : { done: true, value: undefined };
  };
  return = async (): Promise<IteratorResult<object, undefined>> => {
    this.returned += 1;
    return { done: true, value: undefined };
  };
}

type Stream = Awaited<ReturnType<ReturnType<typeof setup>["subscribe"]>>;
const next = async (stream: Stream): Promise<ExecutionResult> => (await stream.next()).value!;

test("makes the payload of an event once for all equal subscribers, whatever their filters and cursors", async () => {
  const { calls, subscribe, tell } = setup();
  const streams = await Promise.all(
    ["a", "b", "c"].map((topic, first) => subscribe(DOCUMENT, { topic, first })),
  );
  tell();
  const payloads = await Promise.all(streams.map(next));
  expect(payloads).toEqual(streams.map(() => ({ data: { news: { text: "hot", load: 1 } } })));
  expect(new Set(payloads).size).toBe(1);
  tell();
  expect(await next(streams[0]!)).toEqual({ data: { news: { text: "hot", load: 2 } } });
  expect(await next(streams[1]!)).toEqual({ data: { news: { text: "hot", load: 2 } } });
  expect(calls.load).toBe(2);
});

type Who = Parameters<ReturnType<typeof setup>["subscribe"]>;

test.each<[string, Who, Who]>([
  [
    "other values of a variable that the selection uses",
    [DOCUMENT, { loads: true }],
    [DOCUMENT, { loads: false }],
  ],
  ["other values of a variable in a fragment", [FRAGMENTS, { loads: true }], [FRAGMENTS, { loads: false }]],
  ["another document", [DOCUMENT, {}], [FRAGMENTS, { loads: true }]],
  ["another actor", [DOCUMENT, {}, "ann"], [DOCUMENT, {}, "bob"]],
])("shares nothing with %s", async (_, one, other) => {
  const { subscribe, tell } = setup();
  const streams = [await subscribe(...one), await subscribe(...other)];
  tell();
  const payloads = await Promise.all(streams.map(next));
  expect(payloads[0]).not.toEqual(payloads[1]);
});

test("a payload with an error is not kept: a later subscriber may get it whole", async () => {
  const { subscribe, tell } = setup();
  const streams = [await subscribe(FAILING), await subscribe(FAILING)];
  tell();
  expect(await next(streams[0]!)).toMatchObject({ errors: [{ message: "away" }] });
  expect(await next(streams[1]!)).toEqual({ data: { news: { text: "hot", fails: 2 } } });
});

test("one far behind the others has its payloads made again, since few are kept", async () => {
  const { calls, subscribe, tell } = setup();
  const [fast, slow] = [await subscribe(), await subscribe()];
  for (let event = 0; event < 100; event += 1) tell();
  for (let event = 0; event < 100; event += 1) await next(fast);
  expect(calls.load).toBe(100);
  expect(await next(slow)).toEqual({ data: { news: { text: "hot", load: 101 } } });
});

test("forgets a group with its last subscriber, and ends the source of each", async () => {
  const { shared, subscribe, tell } = setup();
  const streams = [await subscribe(), await subscribe(), await subscribe(FAILING)];
  expect(shared.size).toBe(2);
  await streams[0]!.return();
  await streams[0]!.return();
  expect(shared.size).toBe(2);
  tell();
  expect(await next(streams[1]!)).toBeDefined();
  // Its source has nothing more.
  expect(await streams[1]!.next()).toEqual({ done: true, value: undefined });
  expect(shared.size).toBe(1);
  await streams[2]!.return();
  expect(await streams[2]!.next()).toEqual({ done: true, value: undefined });
  expect(shared.size).toBe(0);
});

test("a subscription that is refused leaves nothing behind", async () => {
  const shared = new SharedExecutions({ execute, isLarge: () => false });
  const rootValue = {
    news: () => {
      throw new Error("no");
    },
  };
  expect(await shared.subscribe({ schema, document: DOCUMENT, rootValue }, null)).toMatchObject({
    errors: [{ message: "no" }],
  });
  expect(shared.size).toBe(0);
});
