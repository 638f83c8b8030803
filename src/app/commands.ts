import type { Signals } from "../broker/signals.ts";
import type { Publisher } from "../engine/events/publisher.ts";
import { TaskSettingControl } from "../engine/control/task-setting-control.ts";
import { WorkerAsker } from "../engine/control/worker-asker.ts";
import { WorkerControl } from "../engine/control/worker-control.ts";
import type { Registry } from "../task/definition/registry.ts";
import type { Stores } from "./adapters.ts";

/** Commands to workers and task definitions at run time. */
export interface Commands {
  readonly workers: WorkerControl;
  readonly tasks: TaskSettingControl;
}

export function makeCommands(parts: {
  readonly registry: Registry;
  readonly stores: Pick<Stores, "workers" | "commands">;
  readonly signals: Signals;
  readonly publisher: Publisher;
}): Commands {
  const { registry, stores, signals, publisher } = parts;
  const { workers, commands: store } = stores;
  const asker = new WorkerAsker(signals);
  return {
    workers: new WorkerControl({ workers, store, asker, publisher }),
    tasks: new TaskSettingControl({ registry, workers, store, asker, publisher }),
  };
}
