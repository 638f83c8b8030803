import { graphql } from "./generated/gql.ts";

/** What the command line shows of a queue. */
graphql(/* GraphQL */ `
  fragment QueueFields on Queue {
    name
    paused
    waiting
    scheduled
    active
    latency
    concurrencyLimit
    rateLimit
  }
`);

/** What the command line shows of a change. */
graphql(/* GraphQL */ `
  fragment QueueChange on QueuePayload {
    queue {
      ...QueueFields
    }
    affectedCount
    errors {
      code
      message
      path
      hint
    }
  }
`);

export const readQueue = graphql(/* GraphQL */ `
  query ReadQueue($name: String!) {
    queue(name: $name) {
      ...QueueFields
    }
  }
`);

export const pauseQueue = graphql(/* GraphQL */ `
  mutation PauseQueue($name: String!) {
    pauseQueue(name: $name) {
      ...QueueChange
    }
  }
`);

export const resumeQueue = graphql(/* GraphQL */ `
  mutation ResumeQueue($name: String!) {
    resumeQueue(name: $name) {
      ...QueueChange
    }
  }
`);

export const setQueueLimits = graphql(/* GraphQL */ `
  mutation SetQueueLimits($name: String!, $concurrency: Int, $rateLimit: String) {
    setQueueLimits(name: $name, concurrency: $concurrency, rateLimit: $rateLimit) {
      ...QueueChange
    }
  }
`);

export const purgeQueue = graphql(/* GraphQL */ `
  mutation PurgeQueue($name: String!, $confirm: String!) {
    purgeQueue(name: $name, confirm: $confirm) {
      ...QueueChange
    }
  }
`);
