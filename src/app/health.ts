import type { Broker } from "../broker/broker.ts";
import type { HealthChecks, HealthReport } from "../graphql/http/http-options.ts";
import type { Database } from "../store/database.ts";
import type { Worker } from "../worker/worker.ts";

/** A round ends within the broker's block time of 5 s, found or not; three times that means that it hangs. */
const ROUND_HANGS_AFTER_MS = 15_000;

/** What `/healthz` and `/readyz` tell. */
export function healthChecks(parts: {
  readonly database: Database;
  readonly broker: Pick<Broker, "health">;
  /** The worker of this process, if it has one. */
  readonly worker: () => Worker | null;
}): HealthChecks {
  const fetching = (): HealthReport["parts"] => {
    const worker = parts.worker();
    if (!worker) return {};
    // A worker whose slots are all taken does not fetch, and need not.
    const hangs = worker.busy === 0 && worker.sinceRoundMs > ROUND_HANGS_AFTER_MS;
    return {
      worker: hangs
        ? {
            ok: false,
            reason: `no round of taking tasks on came to its end for ${Math.round(worker.sinceRoundMs)} ms`,
          }
        : { ok: true },
    };
  };
  return {
    live: async () => report(fetching()),
    ready: async () => {
      const [database, broker, migrations] = await Promise.all([
        check(() => parts.database.health()),
        check(() => parts.broker.health()),
        check(async () => {
          const pending = await parts.database.pendingMigrations();
          if (pending.length > 0) throw new Error(`migrations are pending: ${pending.join(", ")}`);
        }),
      ]);
      return report({ database, broker, migrations, ...fetching() });
    },
  };
}

type Part = HealthReport["parts"][string];

async function check(work: () => Promise<unknown>): Promise<Part> {
  try {
    await work();
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function report(parts: HealthReport["parts"]): HealthReport {
  return { ok: Object.values(parts).every((part) => part.ok), parts };
}
