import { graphql } from "./generated/gql.ts";

graphql(/* GraphQL */ `
  fragment StatsFields on TaskStats {
    since
    counts {
      pending
      scheduled
      queued
      started
      retry
      success
      failure
      revoked
      expired
    }
    retried
    failureRate
    runTimeP50
    runTimeP95
    runTimeP99
    waitTimeP95
  }
`);

export const readStats = graphql(/* GraphQL */ `
  query ReadStats($window: StatsWindow!) {
    overview {
      at
      workersOnline
      workersLost
      stats(window: $window) {
        ...StatsFields
      }
    }
    taskDefinitions {
      name
      stats(window: $window) {
        ...StatsFields
      }
    }
  }
`);

export const readTaskStats = graphql(/* GraphQL */ `
  query ReadTaskStats($name: String!, $window: StatsWindow!) {
    taskDefinition(name: $name) {
      name
      stats(window: $window) {
        ...StatsFields
      }
    }
  }
`);

export const readQueueStats = graphql(/* GraphQL */ `
  query ReadQueueStats($name: String!, $window: StatsWindow!) {
    queue(name: $name) {
      name
      stats(window: $window) {
        ...StatsFields
      }
    }
  }
`);

export const listFailures = graphql(/* GraphQL */ `
  query ListFailures($window: StatsWindow!, $first: Int) {
    failureGroups(window: $window, first: $first) {
      fingerprint
      type
      message
      name
      count
      firstSeenAt
      lastSeenAt
      sample {
        id
      }
    }
  }
`);
