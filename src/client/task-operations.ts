import { graphql } from "./generated/gql.ts";

export const listTasks = graphql(/* GraphQL */ `
  query ListTasks($filter: TaskFilter, $first: Int, $after: String, $orderBy: TaskOrder) {
    tasks(filter: $filter, first: $first, after: $after, orderBy: $orderBy) {
      nodes {
        id
        name
        state
        queue
        priority
        attempt
        maxAttempts
        workerName
        tags
        createdAt
        runAt
        startedAt
        finishedAt
        runTime
        waitTime
        error {
          type
          message
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const revokeTasks = graphql(/* GraphQL */ `
  mutation RevokeTasks($select: TaskSelection!, $terminate: Boolean!, $reason: String) {
    revokeTasks(select: $select, terminate: $terminate, reason: $reason) {
      affectedCount
      skippedCount
      tasks {
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
`);

export const retryTasks = graphql(/* GraphQL */ `
  mutation RetryTasks($select: TaskSelection!, $args: JSON, $queue: String) {
    retryTasks(select: $select, args: $args, queue: $queue) {
      affectedCount
      skippedCount
      tasks {
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
`);

export const runTasksNow = graphql(/* GraphQL */ `
  mutation RunTasksNow($select: TaskSelection!) {
    runTasksNow(select: $select) {
      affectedCount
      skippedCount
      tasks {
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
`);

export const deleteTasks = graphql(/* GraphQL */ `
  mutation DeleteTasks($select: TaskSelection!) {
    deleteTasks(select: $select) {
      deletedCount
      skippedCount
      errors {
        code
        message
        path
        hint
      }
    }
  }
`);
