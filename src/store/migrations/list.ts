import { Tasks0001 } from "./0001-tasks.ts";
import { Schedules0002 } from "./0002-schedules.ts";
import { TaskOptions0003 } from "./0003-task-options.ts";
import { Limits0008 } from "./0008-limits.ts";
import { Revocation0007 } from "./0007-revocation.ts";
import { Control0010 } from "./0010-control.ts";
import { TaskLog0011 } from "./0011-task-log.ts";
import { Statistics0012 } from "./0012-statistics.ts";

/** In order. A name, once released, never changes. */
export const MIGRATIONS = [
  { name: "0001-tasks", class: Tasks0001 },
  { name: "0002-schedules", class: Schedules0002 },
  { name: "0003-task-options", class: TaskOptions0003 },
  { name: "0008-limits", class: Limits0008 },
  { name: "0007-revocation", class: Revocation0007 },
  { name: "0010-control", class: Control0010 },
  { name: "0011-task-log", class: TaskLog0011 },
  { name: "0012-statistics", class: Statistics0012 },
];
