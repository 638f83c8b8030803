export interface ExampleTab {
  /** Also the name of the first operation: GraphiQL writes that on the tab. */
  readonly title: string;
  readonly query: string;
  /** JSON for the Variables pane. */
  readonly variables?: string;
}

/** The tabs of a first visit. The comments' lines are as short as the editor is narrow with the docs open. */
export const exampleTabs: readonly ExampleTab[] = [
  {
    title: "Enqueue",
    query: `# Lovage runs your functions as tasks, and
# each has a mutation. This is demo.add's.
# Press play or Ctrl+Enter: an answer means
# that the task is stored and will run. The
# other tabs watch, and find what failed.
mutation Enqueue {
  enqueueDemoAdd(input: { x: 2, y: 3 }) {
    task {
      id
      state
    }
    errors {
      code
      message
      path
      hint
    }
  }
}
`,
  },
  {
    title: "WatchLive",
    query: `# Play: every change of a task appears on
# the right, until you leave this tab. So
# enqueue from a second window, or with a
# delay, as the LongTask tab does.
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
  },
  {
    title: "Failures",
    query: `# The newest failures. Equal ones share a
# fingerprint. retryTasks runs them again.
query Failures {
  tasks(filter: { states: [FAILURE] }, first: 20) {
    totalCount
    nodes {
      id
      name
      queue
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
  },
  {
    title: "LongTask",
    query: `# Two operations: play asks which to run.
# LongTask starts after 5 s: time to press
# play in the WatchLive tab and see it run.
# Overview: who works on what right now.
mutation LongTask {
  enqueueDemoMyTask(options: { delay: "5s" }) {
    task {
      id
      state
      runAt
    }
    errors {
      code
      message
      path
      hint
    }
  }
}

query Overview {
  workers {
    name
    status
    queues
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
  },
  {
    title: "Schedules",
    query: `# When tasks are enqueued by themselves.
# AddSchedule makes one more. Play asks
# which of the two to run.
query Schedules {
  schedules {
    nodes {
      id
      name
      summary
      chinese: summary(language: ZH_CN)
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
      taskName: "demo.add"
      args: { x: 1, y: 1 }
      timing: { crontab: "*/10 * * * * *" }
    }
  ) {
    schedule {
      id
      summary
      nextRuns(count: 2)
    }
    errors {
      code
      message
      path
      hint
    }
  }
}
`,
  },
];
