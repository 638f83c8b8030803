import { graphql } from "./generated/gql.ts";

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
