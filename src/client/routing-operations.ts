import { graphql } from "./generated/gql.ts";

export const broadcastTask = graphql(/* GraphQL */ `
  mutation BroadcastTask($input: EnqueueTaskInput!, $workers: [String!]) {
    broadcastTask(input: $input, workers: $workers) {
      workers
      tasks {
        ...TaskFields
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

export const explainTask = graphql(/* GraphQL */ `
  query ExplainTask($input: EnqueueTaskInput!) {
    explainTask(input: $input) {
      accepted
      errors {
        code
        message
        path
        hint
      }
      queue
      queueDecidedBy
      priority
      priorityDecidedBy
      route
      maxAttempts
      timeLimit
      softTimeLimit
      runAt
      expiresAt
      duplicateOf {
        id
        state
      }
      duplicateKey
      queuePaused
      waitingBefore
      workers {
        name
        status
      }
      problem
    }
  }
`);
