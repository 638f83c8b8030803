import { graphql } from "./generated/gql.ts";

export const listDefinitions = graphql(/* GraphQL */ `
  query ListDefinitions {
    taskDefinitions {
      name
      description
      queue
      priority
      mutationField
      deprecationReason
      timeLimit
      retry {
        maxAttempts
      }
    }
  }
`);

export const readDefinition = graphql(/* GraphQL */ `
  query ReadDefinition($name: String!) {
    taskDefinition(name: $name) {
      name
      inputSchema
      sensitive
    }
  }
`);

export const listNames = graphql(/* GraphQL */ `
  query ListNames {
    taskDefinitions {
      name
    }
  }
`);

/** What the command line shows of a task. */
graphql(/* GraphQL */ `
  fragment TaskFields on Task {
    id
    name
    state
    queue
    priority
    attempt
    maxAttempts
    args
    result
    resultGone
    error {
      type
      message
      retryable
      causes {
        type
        message
      }
    }
    progress {
      current
      total
      percent
      message
    }
    workerName
    tags
    uniqueKey
    idempotencyKey
    createdAt
    runAt
    expiresAt
    revokedBy
    revokeReason
    startedAt
    finishedAt
    runTime
    waitTime
  }
`);

export const readTask = graphql(/* GraphQL */ `
  query ReadTask($id: ID!) {
    task(id: $id) {
      ...TaskFields
    }
  }
`);

/** What live processes can run. */
export const listLiveWorkers = graphql(/* GraphQL */ `
  query ListLiveWorkers {
    workers(statuses: [ONLINE, DRAINING, PAUSED]) {
      definitions
    }
  }
`);

export const enqueueTask = graphql(/* GraphQL */ `
  mutation EnqueueTask($input: EnqueueTaskInput!) {
    enqueueTask(input: $input) {
      task {
        ...TaskFields
      }
      deduplicated
      errors {
        code
        message
        path
        hint
      }
    }
  }
`);

export const watchTask = graphql(/* GraphQL */ `
  subscription WatchTask($id: ID!) {
    task(id: $id) {
      __typename
      ... on TaskUpdate {
        type
        task {
          ...TaskFields
        }
      }
      ... on StreamReset {
        reason
      }
    }
  }
`);

export const readLogs = graphql(/* GraphQL */ `
  query ReadLogs($id: ID!, $after: String, $level: LogLevel) {
    task(id: $id) {
      logs(first: 500, after: $after, level: $level) {
        nodes {
          cursor
          at
          level
          message
          attempt
          fields
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

export const watchLogs = graphql(/* GraphQL */ `
  subscription WatchLogs($id: ID!, $after: String, $level: LogLevel) {
    taskLogs(id: $id, after: $after, level: $level) {
      __typename
      ... on LogUpdate {
        lines {
          cursor
          at
          level
          message
          attempt
          fields
        }
      }
      ... on StreamReset {
        reason
      }
    }
  }
`);

export const listWorkers = graphql(/* GraphQL */ `
  query ListWorkers {
    workers {
      id
      name
      hostname
      pid
      version
      status
      startedAt
      lastHeartbeatAt
      queues
      pool {
        concurrency
        busy
      }
      processed
      failed
    }
  }
`);

export const listQueues = graphql(/* GraphQL */ `
  query ListQueues {
    queues {
      ...QueueFields
    }
  }
`);
