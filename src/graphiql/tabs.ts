import { type ExampleDefinition, exampleInput } from "./example-input.ts";

export interface ExampleTab {
  /** Also the name of the first operation, which GraphiQL shows on the tab. */
  readonly title: string;
  readonly query: string;
}

/**
 * The tabs of a first visit, with mutations of this project. Their comments fit the narrow editor
 * beside open docs.
 *
 * @param definitions the server's task definitions; null for a caller without its token
 */
export function exampleTabs(definitions: readonly ExampleDefinition[] | null): readonly ExampleTab[] {
  const example = chooseExample(definitions ?? []);
  return [enqueueTab(example), WATCH_LIVE, FAILURES, runLaterTab(example), schedulesTab(example)];
}

/** A definition and an input, as the tabs show them. */
interface ChosenExample {
  readonly name: string;
  /** The mutation with its arguments, such as `enqueueDemoAdd(input: { x: 1, y: 1 })`. */
  readonly call: (options?: string) => string;
  /** The input for an argument of the scalar JSON. */
  readonly args: string;
}

const NO_TASK: ExampleDefinition = { name: "your.task", mutationField: null, inputSchema: null };

/** The first definition by name whose input needs the fewest guesses. */
function chooseExample(definitions: readonly ExampleDefinition[]): ChosenExample {
  const guessesOf = (definition: ExampleDefinition): number => exampleInput(definition)?.guesses ?? 0;
  const [first = NO_TASK, ...others] = definitions.filter(({ mutationField }) => mutationField !== null);
  const { name, ...chosen } = others.reduce(
    (best, next) => (guessesOf(next) < guessesOf(best) ? next : best),
    definitions.length > 0 && first === NO_TASK ? definitions[0]! : first,
  );
  const input = exampleInput({ name, ...chosen });
  const args = input?.json ?? "{}";
  return {
    name,
    args,
    call: (options) =>
      chosen.mutationField === null
        ? `enqueueTask(input: ${fields({ name: JSON.stringify(name), args, options })})`
        : chosen.mutationField + parenthesized({ input: input?.literal, options }),
  };
}

type Parts = Readonly<Record<string, string | undefined>>;

function fields(parts: Parts): string {
  return `{ ${join(parts)} }`;
}

function parenthesized(parts: Parts): string {
  const text = join(parts);
  return text === "" ? "" : `(${text})`;
}

function join(parts: Parts): string {
  return Object.entries(parts)
    .flatMap(([name, part]) => (part === undefined ? [] : [`${name}: ${part}`]))
    .join(", ");
}

/** The problems that every enqueue returns. */
const ANSWER = `    errors {
      code
      message
      path
      hint
    }`;

function enqueueTab({ name, call }: ChosenExample): ExampleTab {
  return {
    title: "Enqueue",
    query: `# Lovage runs your functions as tasks. This
# enqueues ${name}.
# Press play or Ctrl+Enter. The response
# means that the task is stored and will
# run. Other tabs show its progress.
mutation Enqueue {
  ${call()} {
    task {
      id
      state
    }
${ANSWER}
  }
}
`,
  };
}

const WATCH_LIVE: ExampleTab = {
  title: "WatchLive",
  query: `# Press play: changes of tasks appear on
# the right until you leave this tab.
# Enqueue from a second window, or with a
# delay, as the RunLater tab does.
subscription WatchLive {
  tasks {
    __typename
    ... on TaskUpdate {
      cursor
      at
      type
      task {
        id
        name
        state
        attempt
        workerName
        progress {
          current
          total
          percent
          message
        }
        result
        error {
          type
          message
        }
      }
    }
    ... on StreamHeartbeat {
      cursor
      at
    }
    ... on StreamLag {
      cursor
      skipped
    }
    ... on StreamReset {
      cursor
      reason
    }
  }
}
`,
};

const FAILURES: ExampleTab = {
  title: "Failures",
  query: `# The newest failures. Equal errors share
# a fingerprint. retryTasks runs the tasks
# again.
query Failures {
  tasks(filter: { states: [FAILURE] }, first: 20) {
    totalCount
    nodes {
      id
      name
      queueName
      args
      attempt
      maxAttempts
      finishedAt
      error {
        type
        message
        retryable
        fingerprint
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
};

function runLaterTab({ call }: ChosenExample): ExampleTab {
  return {
    title: "RunLater",
    query: `# Two operations: play asks which to run.
# RunLater starts after 5 s, so that you
# can press play in the WatchLive tab.
# Overview shows workers and queues.
mutation RunLater {
  ${call('{ delay: "5s" }')} {
    task {
      id
      state
      runAt
    }
${ANSWER}
  }
}

query Overview {
  workers {
    name
    status
    queueNames
    pool {
      kind
      busy
      concurrency
    }
    active {
      id
      name
      startedAt
      progress {
        percent
        message
      }
    }
  }
  queues {
    name
    paused
    waiting
    scheduled
    active
    latency
  }
}
`,
  };
}

function schedulesTab({ name, args }: ChosenExample): ExampleTab {
  return {
    title: "Schedules",
    query: `# Schedules enqueue tasks by their timing.
# AddSchedule creates one. Play asks which
# of the two to run.
query Schedules {
  schedules {
    nodes {
      id
      name
      summary
      enabled
      nextRuns(count: 2)
      lastRun {
        id
        state
        slot
      }
      problem
    }
  }
}

mutation AddSchedule {
  createSchedule(
    input: {
      name: "every 10 seconds"
      taskName: ${JSON.stringify(name)}
      args: ${args}
      timing: { crontab: "*/10 * * * * *" }
    }
  ) {
    schedule {
      id
      summary
      nextRuns(count: 2)
    }
${ANSWER}
  }
}
`,
  };
}
