import { graphql } from "./generated/gql.ts";

/** What a schedule is told to do, and what of it the command line shows. */
graphql(/* GraphQL */ `
  fragment ScheduleFields on Schedule {
    id
    name
    description
    enabled
    taskName
    args
    options
    timing {
      __typename
      ... on IntervalTiming {
        every
      }
      ... on CrontabTiming {
        expression
      }
      ... on ClockedTiming {
        at
      }
      ... on SolarTiming {
        event
        latitude
        longitude
      }
    }
    summary
    timeZone
    startAt
    endAt
    maxRuns
    overlap
    misfire
    jitter
    lastRunAt
    totalRunCount
    source
    version
    problem
  }
`);

export const listSchedules = graphql(/* GraphQL */ `
  query ListSchedules($filter: ScheduleFilter, $after: String) {
    schedules(first: 200, after: $after, filter: $filter) {
      nodes {
        ...ScheduleFields
        nextRuns(count: 1)
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const readSchedule = graphql(/* GraphQL */ `
  query ReadSchedule($name: String!) {
    schedule(name: $name) {
      ...ScheduleFields
      nextRuns(count: 5)
      createdAt
      createdBy
      updatedAt
      lastRun {
        id
        state
      }
      skippedSlots(first: 1) {
        firstSlot
        lastSlot
        count
        reason
      }
    }
  }
`);

/** What is needed to check schedules before they are sent. */
export const readTaskSchemas = graphql(/* GraphQL */ `
  query ReadTaskSchemas {
    server {
      timeZone
    }
    taskDefinitions {
      name
      inputSchema
      sensitive
    }
  }
`);

export const createSchedule = graphql(/* GraphQL */ `
  mutation CreateSchedule($input: CreateScheduleInput!) {
    createSchedule(input: $input) {
      schedule {
        ...ScheduleFields
        nextRuns(count: 1)
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

export const updateSchedule = graphql(/* GraphQL */ `
  mutation UpdateSchedule($input: UpdateScheduleInput!) {
    updateSchedule(input: $input) {
      schedule {
        ...ScheduleFields
        nextRuns(count: 1)
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

export const setSchedulesEnabled = graphql(/* GraphQL */ `
  mutation SetSchedulesEnabled($ids: [ID!]!, $enabled: Boolean!) {
    setSchedulesEnabled(ids: $ids, enabled: $enabled) {
      schedules {
        ...ScheduleFields
        nextRuns(count: 1)
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

export const runSchedulesNow = graphql(/* GraphQL */ `
  mutation RunSchedulesNow($ids: [ID!]!) {
    runSchedulesNow(ids: $ids) {
      affectedCount
      skippedCount
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

export const deleteSchedules = graphql(/* GraphQL */ `
  mutation DeleteSchedules($ids: [ID!]!) {
    deleteSchedules(ids: $ids) {
      deletedCount
      errors {
        code
        message
        path
        hint
      }
    }
  }
`);

export const previewTiming = graphql(/* GraphQL */ `
  query PreviewTiming($timing: TimingInput!, $timeZone: TimeZone, $count: Int!, $language: Language!) {
    previewTiming(timing: $timing, timeZone: $timeZone, count: $count, language: $language) {
      summary
      nextRuns
      warnings
      errors {
        code
        message
        path
        hint
      }
    }
  }
`);
