import type { Broker } from "../broker/broker.ts";
import { UnavailableError } from "../errors.ts";
import { toError } from "../lib/thrown.ts";
import type { HealthChecks, HealthReport } from "../graphql/http/server-options.ts";
import { SECOND } from "../lib/clock.ts";
import type { Loop } from "../lib/async/service.ts";
import type { Database } from "../store/connection/database.ts";

/** A part that answers later is not ready. Below the 5 s limit of the health route. */
const ANSWER_MS = 3 * SECOND;

export interface HealthParts {
  readonly database: Pick<Database, "health" | "checkRights" | "checkWrite" | "pendingMigrations">;
  readonly broker: Pick<Broker, "health">;
  /** Loops of all parts of this process. */
  readonly loops: () => readonly Loop[];
  /** How long a part may take to answer, in milliseconds. @default 3_000 */
  readonly answerMs?: number;
}

/**
 * The checks of `/healthz` and `/readyz`. A process is alive if all its loops run: a restart may
 * help if one hangs. It is ready if it also reaches the services that it needs, which a restart
 * would not mend.
 */
export function healthChecks({ database, broker, loops, answerMs = ANSWER_MS }: HealthParts): HealthChecks {
  const probes = {
    database: makeProbe(async () => {
      await database.health();
      await database.checkRights();
      await database.checkWrite();
    }, answerMs),
    broker: makeProbe(async () => {
      const { denied } = await broker.health();
      if (denied) throw new Error(`${denied.what} ${denied.remedy}`);
    }, answerMs),
    migrations: makeProbe(async () => {
      const pending = await database.pendingMigrations();
      if (pending.length > 0) throw new Error(`pending: ${pending.join(", ")}`);
    }, answerMs),
  };
  return {
    live: async () => report(loops().map(partOfLoop)),
    ready: async () => {
      const asked = Object.entries(probes).map(async ([name, probe]) => [name, await probe()] as const);
      return report([...(await Promise.all(asked)), ...loops().map(partOfLoop)]);
    },
  };
}

type Part = HealthReport["parts"][string];
type NamedPart = readonly [name: string, part: Part];

/**
 * A check that runs once at a time: callers that come while it runs share its answer. The health
 * routes are open to everybody, and must not pile up checks of a slow part.
 */
function makeProbe(ask: () => Promise<unknown>, answerMs: number): () => Promise<Part> {
  let underWay: Promise<Part> | null = null;
  return async () => {
    underWay ??= toPart(ask).finally(() => (underWay = null));
    const silence = Promise.withResolvers<Part>();
    const reason = `no answer within ${answerMs / SECOND} s`;
    const timer = setTimeout(() => silence.resolve({ ok: false, reason }), answerMs);
    try {
      return await Promise.race([underWay, silence.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
}

async function toPart(ask: () => Promise<unknown>): Promise<Part> {
  try {
    await ask();
    return { ok: true };
  } catch (thrown) {
    if (thrown instanceof UnavailableError && thrown.hint !== null) return { ok: false, reason: thrown.hint };
    // The message of UnavailableError is for callers of mutations. Its cause is the reason.
    const error = thrown instanceof UnavailableError && thrown.cause ? thrown.cause : thrown;
    return { ok: false, reason: messageOf(toError(error)) };
  }
}

/** A name with several addresses fails with one error for each address and an empty message. */
function messageOf(error: Error): string {
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return first === undefined ? error.message : toError(first).message;
}

function partOfLoop({ name, hungMs }: Loop): NamedPart {
  if (hungMs === null) return [name, { ok: true }];
  return [name, { ok: false, reason: `hangs: it has not got on for ${Math.round(hungMs / SECOND)} s` }];
}

function report(parts: readonly NamedPart[]): HealthReport {
  return { ok: parts.every(([, part]) => part.ok), parts: Object.fromEntries(parts) };
}
