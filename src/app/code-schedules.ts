import { countOf, describeIssue, ConfigError, RefusedError } from "../errors.ts";
import { CodeSchedules } from "../engine/schedules/code-schedules.ts";
import type { ScheduleInput } from "../task/schedule/schedule-input.ts";
import type { Services } from "./services.ts";

/**
 * Stores the schedules of the code: those of the configuration and of definitions.
 *
 * @throws ConfigError with all mistakes; nothing is changed then
 */
export async function reconcileCodeSchedules(services: Services): Promise<void> {
  const { schedules, stores, log } = services;
  const code = new CodeSchedules({ control: schedules, store: stores.schedules, log });
  try {
    await code.reconcile(codeSchedulesOf(services));
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const more = error.moreIssues > 0 ? [`${countOf(error.moreIssues)} not shown.`] : [];
    throw new ConfigError([...error.issues.map((issue) => `Schedule ${describeIssue(issue)}`), ...more]);
  }
}

function codeSchedulesOf({ config, registry }: Services): ScheduleInput[] {
  const beside = registry.all().flatMap((definition) =>
    definition.schedules.map((schedule) => ({
      name: definition.name,
      ...schedule,
      taskName: definition.name,
    })),
  );
  return [...config.schedules, ...beside];
}
