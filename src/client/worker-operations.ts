import { graphql } from "./generated/gql.ts";

/** What the command line shows of the answers to a command. */
graphql(/* GraphQL */ `
  fragment CommandFields on WorkerCommandPayload {
    replies {
      worker
      ok
      value
      error
    }
    silent
    errors {
      code
      message
      path
      hint
    }
  }
`);

export const pingWorkers = graphql(/* GraphQL */ `
  mutation PingWorkers($input: WorkerCommandInput!) {
    pingWorkers(input: $input) {
      ...CommandFields
    }
  }
`);

export const resizeWorkerPool = graphql(/* GraphQL */ `
  mutation ResizeWorkerPool($input: WorkerCommandInput!, $concurrency: Int!) {
    resizeWorkerPool(input: $input, concurrency: $concurrency) {
      ...CommandFields
    }
  }
`);

export const autoscaleWorkers = graphql(/* GraphQL */ `
  mutation AutoscaleWorkers($input: WorkerCommandInput!, $min: Int!, $max: Int!) {
    autoscaleWorkers(input: $input, min: $min, max: $max) {
      ...CommandFields
    }
  }
`);

export const setWorkerQueues = graphql(/* GraphQL */ `
  mutation SetWorkerQueues($input: WorkerCommandInput!, $add: [String!], $remove: [String!]) {
    setWorkerQueues(input: $input, add: $add, remove: $remove) {
      ...CommandFields
    }
  }
`);

export const pauseWorkers = graphql(/* GraphQL */ `
  mutation PauseWorkers($input: WorkerCommandInput!) {
    pauseWorkers(input: $input) {
      ...CommandFields
    }
  }
`);

export const resumeWorkers = graphql(/* GraphQL */ `
  mutation ResumeWorkers($input: WorkerCommandInput!) {
    resumeWorkers(input: $input) {
      ...CommandFields
    }
  }
`);

export const setWorkerLogLevel = graphql(/* GraphQL */ `
  mutation SetWorkerLogLevel($input: WorkerCommandInput!, $level: LogLevel!) {
    setWorkerLogLevel(input: $input, level: $level) {
      ...CommandFields
    }
  }
`);

export const resetWorkerSettings = graphql(/* GraphQL */ `
  mutation ResetWorkerSettings($input: WorkerCommandInput!, $settings: [WorkerSetting!]) {
    resetWorkerSettings(input: $input, settings: $settings) {
      ...CommandFields
    }
  }
`);

export const restartWorkerPools = graphql(/* GraphQL */ `
  mutation RestartWorkerPools($input: WorkerCommandInput!) {
    restartWorkerPools(input: $input) {
      ...CommandFields
    }
  }
`);

export const shutdownWorkers = graphql(/* GraphQL */ `
  mutation ShutdownWorkers($input: WorkerCommandInput!, $drain: Boolean!) {
    shutdownWorkers(input: $input, drain: $drain) {
      ...CommandFields
    }
  }
`);

export const setTaskRateLimit = graphql(/* GraphQL */ `
  mutation SetTaskRateLimit($name: String!, $rateLimit: String) {
    setTaskRateLimit(name: $name, rateLimit: $rateLimit) {
      ...CommandFields
    }
  }
`);

export const setTaskTimeLimit = graphql(/* GraphQL */ `
  mutation SetTaskTimeLimit($name: String!, $soft: Duration, $hard: Duration) {
    setTaskTimeLimit(name: $name, soft: $soft, hard: $hard) {
      ...CommandFields
    }
  }
`);

export const pauseTask = graphql(/* GraphQL */ `
  mutation PauseTask($name: String!) {
    pauseTask(name: $name) {
      ...CommandFields
    }
  }
`);

export const resumeTask = graphql(/* GraphQL */ `
  mutation ResumeTask($name: String!) {
    resumeTask(name: $name) {
      ...CommandFields
    }
  }
`);

export const readLimits = graphql(/* GraphQL */ `
  query ReadLimits($name: String!) {
    taskDefinition(name: $name) {
      name
      rateLimit
      timeLimit
      softTimeLimit
      overridden
    }
  }
`);
