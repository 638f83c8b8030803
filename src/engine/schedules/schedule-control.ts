import { show } from "../../lib/quote.ts";
import type { Signals } from "../../broker/signals.ts";
import { refuseIssues, type Issue, RefusedError } from "../../errors.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Json } from "../../lib/json/json.ts";
import type { ScheduleChanges, ScheduleStore } from "../../store/schedules/schedule-store.ts";
import type { NewTask, TaskStore } from "../../store/tasks/task-store.ts";
import type { Registry } from "../../task/definition/registry.ts";
import type { ScheduleInput } from "../../task/schedule/schedule-input.ts";
import {
  type ScheduleEventType,
  type ScheduleRecord,
  type ScheduleSource,
  type ScheduleSpec,
  summaryOf,
} from "../../task/schedule/schedule.ts";
import { Vault } from "../../task/sensitive/vault.ts";
import type { Enqueuer } from "../enqueue/enqueuer.ts";
import { prepareSchedule } from "./prepare-schedule.ts";
import type { Publisher } from "../events/publisher.ts";
import { changesOf } from "./schedule-changes.ts";
import type { Router } from "../enqueue/router.ts";
import type { ScheduledTasks } from "./scheduled-tasks.ts";

export interface RanNow {
  readonly taskIds: readonly string[];
  /** Schedules whose task was a duplicate. */
  readonly skippedCount: number;
}

/** Actions of people on schedules: checked, written, then published; a signal wakes beat. */
export class ScheduleControl {
  readonly #vault: Vault;

  constructor(
    private readonly parts: {
      readonly registry: Registry;
      /** @default without routes */
      readonly router?: Router;
      readonly store: ScheduleStore;
      readonly tasks: Pick<TaskStore, "insert">;
      readonly scheduled: ScheduledTasks;
      readonly enqueuer: Pick<Enqueuer, "announce">;
      readonly publisher: Publisher;
      readonly signals: Pick<Signals, "publish">;
      readonly clock: Clock;
      /** The zone of schedules that name none. */
      readonly timeZone: string;
      /** Encrypts sensitive fields of args. @default one without keys */
      readonly vault?: Vault;
    },
  ) {
    this.#vault = parts.vault ?? new Vault(null);
  }

  /** @throws RefusedError with every mistake; ALREADY_EXISTS for a name that is taken */
  async create(
    input: ScheduleInput,
    { createdBy = null, source = "API" }: { createdBy?: string | null; source?: ScheduleSource } = {},
  ): Promise<ScheduleRecord> {
    return this.add(await this.prepare(input), { createdBy, source });
  }

  /**
   * Creates a schedule from checked columns.
   *
   * @throws RefusedError (ALREADY_EXISTS)
   */
  async add(
    spec: ScheduleSpec,
    facts: { readonly createdBy: string | null; readonly source: ScheduleSource },
  ): Promise<ScheduleRecord> {
    const made = await this.parts.store.insert(spec, facts);
    if (!made) throw nameTaken(spec.name);
    this.#publish("CREATED", [made]);
    return made;
  }

  /**
   * Changes the given fields, and keeps the others.
   *
   * @param version the version that the caller read; null to change whatever there is
   * @throws RefusedError with every mistake; NOT_FOUND; CONFLICT when it was changed since that
   *   version; UNSUPPORTED for one of the code
   */
  async update(id: string, version: number | null, changes: Partial<ScheduleInput>): Promise<ScheduleRecord> {
    const present = await this.#present(id);
    if (version !== null && present.version !== version) throw staleVersion(present, version);
    if (Object.keys(changes).some((key) => key !== "enabled")) refuseCode(present);
    const known = "args" in changes ? present.args : this.#wholeArgs(present);
    const spec = await this.prepare({ ...toInput(present), args: known, ...changes }, present);
    return this.write(present, version ?? present.version, changesOf(present, spec));
  }

  /**
   * Writes changes that were checked.
   *
   * @throws RefusedError as `update`
   */
  async write(present: ScheduleRecord, version: number, changes: ScheduleChanges): Promise<ScheduleRecord> {
    if (Object.keys(changes).length === 0) return present;
    const updated = await this.parts.store.update(present.id, version, changes);
    switch (updated.kind) {
      case "updated":
        this.#publish("UPDATED", [updated.schedule]);
        return updated.schedule;
      case "stale":
        throw staleVersion(updated.schedule, version);
      case "missing":
        throw scheduleNotFound(present.id);
      case "nameTaken":
        throw nameTaken(changes.name ?? present.name);
    }
  }

  /** @throws RefusedError (NOT_FOUND) when one of them does not exist; nothing was changed then */
  async setEnabled(ids: readonly string[], enabled: boolean): Promise<ScheduleRecord[]> {
    await this.#allPresent(ids);
    const changed = await this.parts.store.setEnabled(ids, enabled);
    this.#publish("UPDATED", changed);
    return inOrder(ids, changed);
  }

  /**
   * Deletes schedules; their tasks stay. Returns the IDs of those that there were.
   * @throws RefusedError (UNSUPPORTED) for one of the code
   */
  async delete(ids: readonly string[]): Promise<string[]> {
    for (const schedule of await this.parts.store.byIds(ids)) refuseCode(schedule);
    return this.remove(ids);
  }

  /** Deletes schedules, whatever their source. */
  async remove(ids: readonly string[]): Promise<string[]> {
    const deleted = await this.parts.store.delete(ids);
    this.#publish("DELETED", deleted);
    return inOrder(ids, deleted).map(({ id }) => id);
  }

  /**
   * Enqueues a task of each, now; their slots go on as they are.
   *
   * @throws RefusedError (NOT_FOUND, ILLEGAL_STATE) when one of them does not exist, or cannot be
   *   used; nothing was enqueued then
   */
  async runNow(ids: readonly string[], createdBy: string | null): Promise<RanNow> {
    const schedules = await this.#allPresent(ids);
    const rows = schedules.map((schedule) => this.#makeNow(schedule, createdBy));
    const inserted = await this.parts.tasks.insert(rows, "each");
    const made = inserted.map((answer) => ("task" in answer ? answer.task : null));
    const created = made.filter((task) => task !== null);
    await this.parts.enqueuer.announce(created);
    const runs = made.flatMap((task, index) => (task ? [{ id: schedules[index]!.id, taskId: task.id }] : []));
    this.#publish("FIRED", await this.parts.store.noteRuns(runs));
    return { taskIds: created.map(({ id }) => id), skippedCount: rows.length - created.length };
  }

  /**
   * Checks the input of a schedule, and returns its columns.
   * @throws RefusedError with every mistake
   */
  async prepare(input: ScheduleInput, before: ScheduleSpec | null = null): Promise<ScheduleSpec> {
    const { registry, router, timeZone, clock } = this.parts;
    const issues: Issue[] = [];
    const routing = router === undefined ? {} : { router };
    const preparation = {
      registry,
      ...routing,
      timeZone,
      now: clock.now(),
      path: [],
      issues,
      vault: this.#vault,
    };
    const spec = await prepareSchedule(input, preparation, before);
    refuseIssues(issues);
    return { ...spec, args: this.#vault.sealArgs(spec, registry.get(spec.taskName)?.sensitive ?? []) };
  }

  /** @throws RefusedError (ILLEGAL_STATE) when they cannot be opened here */
  #wholeArgs(schedule: ScheduleRecord): Json {
    try {
      return this.#vault.openArgs(schedule, this.parts.registry.get(schedule.taskName)?.sensitive ?? null)
        .args;
    } catch (error) {
      throw cannotRun(schedule, (error as Error).message);
    }
  }

  /** @throws RefusedError (ILLEGAL_STATE) for a row that was edited by hand into something wrong */
  #makeNow(schedule: ScheduleRecord, createdBy: string | null): NewTask {
    try {
      return this.parts.scheduled.makeNow(schedule, createdBy);
    } catch (error) {
      throw cannotRun(schedule, (error as Error).message);
    }
  }

  async #present(id: string): Promise<ScheduleRecord> {
    const [present] = await this.parts.store.byIds([id]);
    if (!present) throw scheduleNotFound(id);
    return present;
  }

  async #allPresent(ids: readonly string[]): Promise<ScheduleRecord[]> {
    const found = await this.parts.store.byIds(ids);
    const known = new Set(found.map(({ id }) => id));
    const missing = ids.find((id) => !known.has(id));
    if (missing !== undefined) throw scheduleNotFound(missing);
    return inOrder(ids, found);
  }

  #publish(type: ScheduleEventType, schedules: readonly ScheduleRecord[]): void {
    const at = this.parts.clock.now();
    this.parts.publisher.publish(
      schedules.map((schedule) => ({ kind: "schedule", type, at, schedule: summaryOf(schedule) })),
    );
    this.parts.signals.publish({ type: "schedules" });
  }
}

function inOrder(ids: readonly string[], schedules: readonly ScheduleRecord[]): ScheduleRecord[] {
  const byId = new Map(schedules.map((schedule) => [schedule.id, schedule]));
  return [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
}

/** Returns a record as an input. */
function toInput({ jitterMs, ...record }: ScheduleRecord): ScheduleInput {
  return { ...record, jitter: jitterMs };
}

export function scheduleNotFound(id: string): RefusedError {
  return refused("NOT_FOUND", ["id"], `There is no schedule ${show(id)}.`);
}

function nameTaken(name: string): RefusedError {
  const message = `A schedule named ${show(name)} exists.`;
  return refused("ALREADY_EXISTS", ["name"], message, "Change that one, or take another name.");
}

function staleVersion(present: ScheduleRecord, version: number): RefusedError {
  const message = `${show(present.name)} was changed since version ${version}; it is at version ${present.version} now.`;
  return refused("CONFLICT", ["version"], message, "Read it again, and send the change with its version.");
}

function cannotRun({ name }: ScheduleRecord, problem: string): RefusedError {
  return refused("ILLEGAL_STATE", ["id"], `${show(name)} cannot be used: ${problem}`, "Change it first.");
}

/** @throws RefusedError for a schedule that comes from code */
function refuseCode({ name, source }: ScheduleRecord): void {
  if (source !== "CODE") return;
  const message = `${show(name)} comes from code: here it can only be enabled and disabled.`;
  throw refused("UNSUPPORTED", ["id"], message, "Change the code, and start beat again.");
}

function refused(code: Issue["code"], path: string[], message: string, hint?: string): RefusedError {
  return new RefusedError([{ code, path, message, ...(hint === undefined ? {} : { hint }) }]);
}
