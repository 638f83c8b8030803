import { setImmediate } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Results } from "../../../src/engine/outcome/results.ts";
import { Recorder } from "../../../src/engine/outcome/recorder.ts";
import { UnavailableError } from "../../../src/errors.ts";
import { type Logger, silentLogger } from "../../../src/lib/log/log.ts";
import type { ClaimedTask, Outcome, TaskStore } from "../../../src/store/tasks/task-store.ts";
import type { TaskState } from "../../../src/task/records/state.ts";
import { type EngineParts, openEngineParts, outcomeOf } from "../../support/engine-parts.ts";

let parts: EngineParts;
beforeAll(async () => {
  parts = await openEngineParts();
});
afterAll(() => parts[Symbol.asyncDispose]());

/** Statements that look for outcomes, and have not ended. */
const running = new Set<Promise<unknown>>();
function noted<Result>(statement: Promise<Result>): Promise<Result> {
  running.add(statement);
  return statement.finally(() => running.delete(statement));
}

function makeRecorder(
  finish: TaskStore["finish"] = (outcomes) => parts.stores.tasks.finish(outcomes),
  log: Logger = silentLogger,
) {
  const delays: number[] = [];
  const recorder = new Recorder({
    store: { finish, findFinished: (sent) => noted(parts.stores.tasks.findFinished(sent)) },
    hints: parts.hints,
    publisher: parts.publisher,
    results: new Results(null, silentLogger),
    onDelayed: (inMs) => delays.push(inMs),
    log,
  });
  return { recorder, delays };
}

async function claimed(count: number) {
  const worker = await parts.register();
  const ids = await Promise.all(Array.from({ length: count }, () => parts.insert()));
  return parts.claim(worker, ids);
}

function record(recorder: Recorder, task: ClaimedTask, kind: object): Promise<TaskState | null> {
  return new Promise((resolve) => recorder.record(task, outcomeOf(task, kind), resolve));
}

const error = { type: "Error", message: "no", stack: null, retryable: true, fingerprint: "f" };

test("outcomes become states, events and hints, in one statement", async () => {
  const tasks = await claimed(4);
  const kinds = [
    { kind: "succeeded", output: 1 },
    { kind: "failed", error },
    { kind: "retry", error, delayMs: 700 },
    { kind: "givenBack" },
  ];
  const batches: number[] = [];
  const { recorder, delays } = makeRecorder((outcomes) => {
    batches.push(outcomes.length);
    return parts.stores.tasks.finish(outcomes);
  });
  const states: (TaskState | null)[] = [];
  tasks.forEach((task, index) =>
    recorder.record(task, outcomeOf(task, kinds[index]!), (state) => states.push(state)),
  );
  await recorder.flush(10_000);
  expect(batches).toEqual([4]);
  expect(states).toEqual(["SUCCESS", "FAILURE", "RETRY", "QUEUED"]);
  const types = ["SUCCEEDED", "FAILED", "RETRYING", "GIVEN_BACK"];
  expect(await parts.events()).toEqual(tasks.map((task, index) => `${types[index]} ${task.summary.id}`));
  expect(await parts.takeHints()).toEqual([tasks[3]!.summary.id]);
  expect(delays).toEqual([700]);
});

test("while the database is away outcomes wait; then they are recorded, once, and published afterwards", async () => {
  const tasks = await claimed(3);
  let tries = 0;
  const { recorder } = makeRecorder(async (outcomes) => {
    tries += 1;
    if (tries <= 3) throw new UnavailableError("database");
    return parts.stores.tasks.finish(outcomes);
  });
  const recorded = tasks.map(
    (task) =>
      new Promise<TaskState | null>((resolve) =>
        recorder.record(task, outcomeOf(task, { kind: "succeeded", output: null }), resolve),
      ),
  );
  await vi.waitFor(() => expect(tries).toBe(2));
  expect(recorder.backlog).toBe(3);
  expect(await parts.events()).toEqual([]);
  expect(await Promise.all(recorded)).toEqual(["SUCCESS", "SUCCESS", "SUCCESS"]);
  await recorder.flush(10_000);
  expect(recorder.backlog).toBe(0);
  expect((await parts.events()).length).toBe(3);
});

test("outcomes that were recorded by a statement whose answer was lost are published like any other, once", async () => {
  const tasks = await claimed(5);
  const kinds = [
    { kind: "succeeded", output: 1 },
    { kind: "failed", error },
    { kind: "retry", error, delayMs: 700 },
    { kind: "givenBack" },
    { kind: "revoked" },
  ];
  let tries = 0;
  const { recorder, delays } = makeRecorder(async (outcomes) => {
    tries += 1;
    const answers = await parts.stores.tasks.finish(outcomes);
    if (tries === 1) throw new UnavailableError("database");
    return answers;
  });
  const states: (TaskState | null)[] = [];
  tasks.forEach((task, index) =>
    recorder.record(task, outcomeOf(task, kinds[index]!), (state) => states.push(state)),
  );
  await recorder.flush(10_000);
  expect(tries).toBe(2);
  expect(states).toEqual(["SUCCESS", "FAILURE", "RETRY", "QUEUED", "REVOKED"]);
  const types = ["SUCCEEDED", "FAILED", "RETRYING", "GIVEN_BACK", "REVOKED"];
  expect(await parts.events()).toEqual(tasks.map((task, index) => `${types[index]} ${task.summary.id}`));
  expect(await parts.takeHints()).toEqual([tasks[3]!.summary.id]);
  expect([delays, recorder.fenced]).toEqual([[700], 0]);
});

test("an outcome that is sent again is not mistaken for a later state of the task", async () => {
  const worker = await parts.register();
  const ids = [await parts.insert(), await parts.insert(), await parts.insert()];
  const tasks = await parts.claim(worker, ids);
  const [failed, given, done] = tasks;
  let tries = 0;
  const { recorder } = makeRecorder(async (outcomes) => {
    tries += 1;
    if (tries > 1) return parts.stores.tasks.finish(outcomes);
    // The sweeper leaves rows of the very next version with this worker's name on them: FAILURE
    // after so many crashes, or QUEUED.
    await parts.sql.run("update lovage.worker set status = 'LOST' where id = $1", [worker.id]);
    await parts.sql.run("update lovage.task set crash_count = 2 where id = $1", [failed!.summary.id]);
    await parts.stores.tasks.finish([outcomeOf(done!, { kind: "failed", error })]);
    await parts.stores.maintenance.rescue(10, 3, 60_000);
    throw new UnavailableError("database");
  });
  const states: (TaskState | null)[] = [];
  const kinds = new Map([
    [failed, { kind: "failed", error }],
    [given, { kind: "givenBack" }],
    [done, { kind: "succeeded", output: 1 }],
  ]);
  for (const task of tasks)
    recorder.record(task, outcomeOf(task, kinds.get(task)!), (state) => states.push(state));
  await recorder.flush(10_000);
  const rows = await Promise.all(ids.map((id) => parts.read(id)));
  expect(rows.map((row) => [row.state, row.version])).toEqual([
    ["FAILURE", 3],
    ["QUEUED", 3],
    ["FAILURE", 3],
  ]);
  expect(states).toEqual([null, null, null]);
  expect(recorder.fenced).toBe(3);
  expect(await parts.events()).toEqual([]);
});

test("an outcome of a task that was rescued is dropped and not published", async () => {
  const [task] = await claimed(1);
  await parts.stores.tasks.finish([outcomeOf(task!, { kind: "givenBack" })]);
  const { recorder } = makeRecorder();
  const state = await new Promise((resolve) =>
    recorder.record(task!, outcomeOf(task!, { kind: "succeeded", output: null }), resolve),
  );
  expect(state).toBeNull();
  expect(recorder.fenced).toBe(1);
  expect(await parts.events()).toEqual([]);
});

test("a worker whose outcomes are all late logs it once, with their number", async () => {
  const tasks = await claimed(20);
  await parts.stores.tasks.finish(tasks.map((task) => outcomeOf(task, { kind: "givenBack" })));
  const warn = vi.fn<Logger["warn"]>();
  const { recorder } = makeRecorder(undefined, { ...silentLogger, warn });
  const late = (task: (typeof tasks)[number]) =>
    new Promise((resolve) =>
      recorder.record(task, outcomeOf(task, { kind: "succeeded", output: 1 }), resolve),
    );
  await Promise.all(tasks.slice(0, 19).map(late));
  await late(tasks[19]!);
  expect(recorder.fenced).toBe(20);
  expect(warn.mock.calls).toEqual([
    [expect.stringContaining("too late"), expect.objectContaining({ droppedSoFar: 19 })],
  ]);
});

test("an outcome that the database refuses becomes FAILURE; its neighbours are recorded as they were", async () => {
  const tasks = await claimed(3);
  const { recorder } = makeRecorder();
  // No text that PostgreSQL can store: the worker checks outputs before, but a hole in that check
  // must not leave the task STARTED.
  const outputs = ["good", "\u0000", "good too"];
  const states = await Promise.all(
    tasks.map(
      (task, index) =>
        new Promise((resolve) =>
          recorder.record(task, outcomeOf(task, { kind: "succeeded", output: outputs[index] }), resolve),
        ),
    ),
  );
  expect(states).toEqual(["SUCCESS", "FAILURE", "SUCCESS"]);
  expect((await parts.read(tasks[1]!.summary.id)).error).toMatchObject({ type: "OutcomeRefused" });
});

test("of many outcomes one is refused: few statements find it", async () => {
  const tasks = await claimed(200);
  let statements = 0;
  const { recorder } = makeRecorder((outcomes) => {
    statements += 1;
    return parts.stores.tasks.finish(outcomes);
  });
  const states = await Promise.all(
    tasks.map((task, index) =>
      record(recorder, task, { kind: "succeeded", output: index === 77 ? "\u0000" : index }),
    ),
  );
  expect(states.flatMap((state, index) => (state === "SUCCESS" ? [] : [index, state]))).toEqual([
    77,
    "FAILURE",
  ]);
  expect(statements).toBeLessThanOrEqual(20);
});

test("a retry whose error or progress the database refuses stays a retry", async () => {
  const tasks = await claimed(4);
  const bad = { current: 1, total: null, message: "\u0000" };
  const { recorder } = makeRecorder();
  const kinds = [
    { kind: "retry", error: { ...error, message: "\u0000" }, delayMs: 60_000, progress: bad },
    { kind: "snoozed", delayMs: 60_000, progress: bad },
    { kind: "givenBack", progress: bad },
    { kind: "revoked", progress: bad },
  ];
  const states = await Promise.all(tasks.map((task, index) => record(recorder, task, kinds[index]!)));
  expect(states).toEqual(["RETRY", "RETRY", "QUEUED", "REVOKED"]);
  const [retried] = (await parts.read(tasks[0]!.summary.id)).attempts;
  expect(retried).toMatchObject({ state: "RETRY", error: { type: "OutcomeRefused" } });
});

test("a retry whose new input the database refuses stays a retry, with its previous input", async () => {
  const [task] = await claimed(1);
  const { recorder } = makeRecorder();
  const state = await record(recorder, task!, {
    ...{ kind: "retry", error, delayMs: 60_000 },
    newInput: [{ text: "\u0000" }],
    newLimitKey: "other",
  });
  expect(state).toBe("RETRY");
  const { input, attempts } = await parts.read(task!.summary.id);
  expect(input).toEqual(task!.input);
  expect(attempts[0]).toMatchObject({ state: "RETRY", error: { type: "OutcomeRefused", retryable: true } });
});

/** As the statement itself fails: on rows that the table refuses for a while. */
async function refuse(code: string, when = "true"): Promise<{ end(): Promise<void> }> {
  await parts.sql.run(`create or replace function refuse() returns trigger language plpgsql as $$
    begin raise exception 'not now' using errcode = '${code}'; end $$`);
  await parts.sql.run(
    `create trigger refuse before update on lovage.task for each row when (${when}) execute function refuse()`,
  );
  return { end: async () => void (await parts.sql.run("drop trigger refuse on lovage.task")) };
}

test.each([
  ...["53100", "57014", "57P01", "25006", "40P01", "08006", "55006", "58030", "XX000", "XX001"],
  ...["28000", "28P01", "3D000", "3F000", "42501", "42P01", "42703", "0A000", "26000", "F0000", "ZZ999"],
])("an error of the database itself (%s) is waited out: it does not concern the outcome", async (code) => {
  const [task] = await claimed(1);
  const refusing = await refuse(code);
  let tries = 0;
  const { recorder } = makeRecorder((outcomes) => {
    tries += 1;
    return parts.stores.tasks.finish(outcomes);
  });
  const state = record(recorder, task!, { kind: "succeeded", output: "kept" });
  await vi.waitFor(() => expect(tries).toBeGreaterThan(1));
  await refusing.end();
  expect(await state).toBe("SUCCESS");
  expect(await parts.read(task!.summary.id)).toMatchObject({ state: "SUCCESS", output: "kept" });
});

test("an outcome that cannot be recorded now does not hold up its neighbours, and is recorded when it can", async () => {
  const tasks = await claimed(50);
  const bad = tasks[31]!.summary.id;
  const refusing = await refuse("XX001", `old.id = '${bad}'`);
  const errors = vi.fn<Logger["error"]>();
  const { recorder } = makeRecorder(undefined, { ...silentLogger, error: errors });
  const last = record(recorder, tasks[31]!, { kind: "succeeded", output: "kept" });
  const others = tasks
    .filter((task) => task !== tasks[31])
    .map((task) => record(recorder, task, { kind: "succeeded", output: 1 }));
  expect(new Set(await Promise.all(others))).toEqual(new Set(["SUCCESS"]));
  await vi.waitFor(() => expect(errors).toHaveBeenCalled());
  expect(errors.mock.calls[0]![1]).toMatchObject({ taskId: bad, err: { code: "XX001" } });
  expect(recorder.backlog).toBe(1);
  await refusing.end();
  await recorder.flush(10_000);
  expect(await last).toBe("SUCCESS");
  expect(await parts.read(bad)).toMatchObject({ state: "SUCCESS", output: "kept" });
});

describe("after an outage", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  const loginRefused = () => new UnavailableError("database", { answered: true });

  /** Moves timers on by so many milliseconds, in steps. The statements of each step end in it. */
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      await vi.advanceTimersByTimeAsync(100);
      while (running.size > 0) await setImmediate();
    }
  }

  function outage() {
    const state = { away: true, statements: 0 };
    const { recorder } = makeRecorder(async (outcomes) => {
      state.statements += 1;
      if (state.away) throw loginRefused();
      return outcomes.map(() => ({ state: "SUCCESS", finishedAt: new Date() }) as never);
    });
    return { recorder, state };
  }

  test("outcomes that were deferred are recorded with the first that succeeds", async () => {
    const tasks = await claimed(21);
    const { recorder, state } = outage();
    const states = tasks.slice(0, 20).map((task) => record(recorder, task, { kind: "succeeded", output: 1 }));
    await pass(180_000);
    expect(recorder.backlog).toBe(20);
    state.away = false;
    states.push(record(recorder, tasks[20]!, { kind: "succeeded", output: 1 }));
    // Long enough for the pause of an outcome that is being tried just now; the others' back-offs,
    // of at least 15 s by now, do not end.
    await pass(1_000);
    expect(await Promise.all(states)).toEqual(Array.from({ length: 21 }, () => "SUCCESS"));
    expect(recorder.backlog).toBe(0);
  });

  test("without other outcomes, the end of the outage is found within seconds", async () => {
    const [task] = await claimed(1);
    const { recorder, state } = outage();
    let ended: TaskState | null = null;
    recorder.record(task!, outcomeOf(task!, { kind: "succeeded", output: 1 }), (now) => (ended = now));
    await pass(180_000);
    state.away = false;
    await pass(3_500);
    expect(ended).toBe("SUCCESS");
  });

  test("an outcome that still fails waits for its back-off, however many others are recorded", async () => {
    const [tasks, triesOfBad] = [await claimed(101), [] as number[]];
    const bad = tasks[0]!.summary.id;
    const { recorder } = makeRecorder(async (outcomes) => {
      if (outcomes.some(({ taskId }) => taskId === bad)) {
        triesOfBad.push(outcomes.length);
        throw loginRefused();
      }
      return outcomes.map(() => ({ state: "SUCCESS", finishedAt: new Date() }) as never);
    });
    const record = (task: ClaimedTask) =>
      recorder.record(task, outcomeOf(task, { kind: "succeeded", output: 1 }), () => undefined);
    // Three statements with pauses are one try, and the outcomes that come meanwhile wait for it.
    const untilDeferred = async (): Promise<void> => {
      while (triesOfBad.length % 3 !== 0) await pass(100);
    };
    record(tasks[0]!);
    await pass(60_000);
    await untilDeferred();
    const before = triesOfBad.length;
    for (const task of tasks.slice(1)) {
      record(task);
      await pass(100);
    }
    // Ten seconds: once at the first success, once by its back-off, three statements each.
    expect(triesOfBad.length - before).toBeLessThanOrEqual(6);
    await untilDeferred();
    await pass(100);
    expect(recorder.backlog).toBe(1);
  });
});

test("a stop ends the wait of an outcome that cannot be recorded now", async () => {
  const [task] = await claimed(1);
  const refusing = await refuse("42501");
  const { recorder } = makeRecorder();
  const state = record(recorder, task!, { kind: "succeeded", output: "kept" });
  await recorder.flush(300);
  expect(await state).toBeNull();
  expect(recorder.backlog).toBe(0);
  await refusing.end();
});

test("an outcome of which it is not known whether it was recorded is recorded once, though its neighbour is refused", async () => {
  const tasks = await claimed(2);
  let tries = 0;
  const { recorder } = makeRecorder(async (outcomes) => {
    tries += 1;
    if (tries > 1) return parts.stores.tasks.finish(outcomes);
    // The answer is lost. Meanwhile the other outcome has not been sent.
    await parts.stores.tasks.finish(outcomes.filter(({ taskId }) => taskId === tasks[0]!.summary.id));
    throw new UnavailableError("database");
  });
  const states = await Promise.all([
    record(recorder, tasks[0]!, { kind: "succeeded", output: 1 }),
    record(recorder, tasks[1]!, { kind: "succeeded", output: "\u0000" }),
  ]);
  expect(states).toEqual(["SUCCESS", "FAILURE"]);
  expect(recorder.fenced).toBe(0);
});

test("a stop does not wait forever for a database that is gone", async () => {
  const [task] = await claimed(1);
  const gone: (outcomes: readonly Outcome[]) => Promise<never> = async () => {
    throw new UnavailableError("database");
  };
  const { recorder } = makeRecorder(gone);
  let state: TaskState | null | undefined;
  recorder.record(task!, outcomeOf(task!, { kind: "succeeded", output: null }), (ended) => (state = ended));
  await recorder.flush(100);
  expect(state).toBeNull();
  expect(recorder.backlog).toBe(0);
});

test("two attempts of one task in one batch: only the outcome of the present one counts", async () => {
  const worker = await parts.register();
  const id = await parts.insert();
  const [old] = await parts.claim(worker, [id]);
  await parts.stores.tasks.finish([outcomeOf(old!, { kind: "givenBack" })]);
  const [present] = await parts.claim(worker, [id]);
  const { recorder } = makeRecorder();
  const states: (TaskState | null)[] = [];
  for (const task of [old!, present!])
    recorder.record(task, outcomeOf(task, { kind: "succeeded", output: null }), (state) =>
      states.push(state),
    );
  await recorder.flush(10_000);
  expect(states).toEqual([null, "SUCCESS"]);
  expect(await parts.events()).toContain(`SUCCEEDED ${id}`);
});
