import { expect, test } from "vitest";
import { resolveConfig } from "../../../src/config/config.ts";
import { showSetting } from "../../../src/config/show.ts";
import { ConfigError } from "../../../src/errors.ts";

function problemsOf(routes: unknown): readonly string[] {
  const file = { name: "lovage.config.ts", path: "/app/lovage.config.ts", values: { routes } };
  try {
    resolveConfig({ env: {}, cwd: "/app" }, file);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

test("routes come from the file, or from the environment as JSON", () => {
  const route = { match: "mail.*", queue: "mail", priority: "HIGH" };
  const env = {
    LOVAGE_ROUTES: JSON.stringify([route]),
    LOVAGE_KNOWN_QUEUES: "a,b",
    LOVAGE_QUEUE_POLICY: "refuse",
  };
  const { config } = resolveConfig({ env });
  expect(config).toMatchObject({ routes: [route], knownQueues: ["a", "b"], queuePolicy: "refuse" });
  const choose = (): string => "mail";
  expect(resolveConfig({ env: {}, flags: { routes: choose } }).config.routes).toEqual([choose]);
  expect(resolveConfig({ env: {} }).config).toMatchObject({
    routes: [],
    knownQueues: [],
    queuePolicy: "create",
  });
});

test("every mistake is reported at once, with its path, the expected and the actual value, and the remedy", () => {
  const routes = [
    { match: "mail.*", queue: "mail" },
    { match: "mail send", queue: "my queue", priority: "high" },
    { match: "mail.*" },
    { match: "mail.*", queue: "mail", que: "x" },
    "mail",
  ];
  expect(problemsOf(routes)).toEqual([
    expect.stringMatching(
      /^routes\.1\.match \(lovage\.config\.ts\): expected a task's name in which \* stands .*, got "mail send"\. Correct it, or leave it out\.$/,
    ),
    expect.stringMatching(
      /^routes\.1\.queue \(lovage\.config\.ts\): expected the name of a queue .*, got "my queue"\./,
    ),
    expect.stringMatching(/^routes\.1\.priority .*expected one of LOW, NORMAL, HIGH, CRITICAL, got "high"\./),
    expect.stringMatching(
      /^routes\.2 .*expected a rule with a queue, a priority or both, got \{"match":"mail\.\*"\}/,
    ),
    expect.stringMatching(/^routes\.3\.que .*expected none of this name; a rule has match, queue, priority/),
    expect.stringMatching(/^routes\.4 .*expected a rule such as .*, got "mail"\./),
  ]);
});

test.each([
  ["text that is no JSON", "[{", /^routes \(LOVAGE_ROUTES\): expected a list of routes such as .*got "\[\{"/],
  ["one rule outside a list", '{"queue":"mail"}', /^routes \(LOVAGE_ROUTES\): expected a list of routes/],
])("the environment's %s is refused", (_what, text, message) => {
  expect(() => resolveConfig({ env: { LOVAGE_ROUTES: text } })).toThrow(message);
});

test("routes are shown with values that JSON cannot express", () => {
  const { config } = resolveConfig({
    env: {},
    flags: {
      routes: [
        { match: /^mail/, queue: "mail" },
        {
          queue: function byCountry() {
            return "q";
          },
        },
      ],
    },
  });
  expect(showSetting("routes", config.routes)).toBe(
    '{"match":"/^mail/","queue":"mail"}, {"queue":"function byCountry"}',
  );
});
