import { Tasks0001 } from "./0001-tasks.ts";
import { Schedules0002 } from "./0002-schedules.ts";
import { TaskOptions0003 } from "./0003-task-options.ts";
import { Revocation0004 } from "./0004-revocation.ts";
import { Limits0005 } from "./0005-limits.ts";
import { Control0006 } from "./0006-control.ts";
import { TaskLog0007 } from "./0007-task-log.ts";
import { Statistics0008 } from "./0008-statistics.ts";
import { FormerTimings0009 } from "./0009-former-timings.ts";

/** In order. A name, once released, never changes. */
export const MIGRATIONS = [
  { name: "0001-tasks", class: Tasks0001 },
  { name: "0002-schedules", class: Schedules0002 },
  { name: "0003-task-options", class: TaskOptions0003 },
  { name: "0004-revocation", class: Revocation0004 },
  { name: "0005-limits", class: Limits0005 },
  { name: "0006-control", class: Control0006 },
  { name: "0007-task-log", class: TaskLog0007 },
  { name: "0008-statistics", class: Statistics0008 },
  { name: "0009-former-timings", class: FormerTimings0009 },
];
