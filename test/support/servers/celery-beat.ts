import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensurePythonModule } from "./debian.ts";
import { freshDatabase } from "./global-servers.ts";
import { tempDir } from "../temp-dir.ts";

const run = promisify(execFile);

export interface CeleryBeatDatabase extends AsyncDisposable {
  readonly url: string;
  /** Runs Python with the package's models at hand. What it prints is returned. */
  python(script: string): Promise<string>;
}

const SETTINGS = `
import os
SECRET_KEY = "test"
INSTALLED_APPS = ["django_celery_beat"]
DATABASES = {"default": {
    "ENGINE": "django.db.backends.postgresql",
    "HOST": os.environ["PGHOST"], "PORT": os.environ["PGPORT"],
    "USER": os.environ["PGUSER"], "NAME": os.environ["PGDATABASE"],
}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
`;

const PRELUDE = `
import django, json
django.setup()
from datetime import datetime, timedelta, timezone
from django_celery_beat.models import (
    ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule)
`;

/** A database on the run's PostgreSQL that django-celery-beat made by its own migrations. */
export async function startCeleryBeat(): Promise<CeleryBeatDatabase> {
  await ensurePythonModule("psycopg2", "python3-psycopg2");
  const python = await ensurePythonModule("django_celery_beat", "python3-django-celery-beat");
  await using started = new AsyncDisposableStack();
  const folder = started.use(await tempDir("lovage-django-"));
  const database = await freshDatabase();
  started.defer(() => database.drop());
  const { hostname, port, username, pathname } = new URL(database.url);
  const env = {
    PATH: process.env["PATH"],
    DJANGO_SETTINGS_MODULE: "project.settings",
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: username,
    PGDATABASE: pathname.slice(1),
  };
  await mkdir(join(folder.path, "project"));
  await writeFile(join(folder.path, "project/__init__.py"), "");
  await writeFile(join(folder.path, "project/settings.py"), SETTINGS);
  const call = async (...args: string[]): Promise<string> =>
    (await run(python, args, { cwd: folder.path, env, timeout: 120_000, maxBuffer: 64 * 1024 * 1024 }))
      .stdout;
  await call("-m", "django", "migrate", "--verbosity", "0");
  const all = started.move();
  return {
    url: database.url,
    python: (script) => call("-c", PRELUDE + script),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
