/* eslint-disable */
import * as types from './graphql.ts';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query ListDefinitions {\n    taskDefinitions {\n      name\n      description\n      queue\n      priority\n      mutationField\n      deprecationReason\n      timeLimit\n      retry {\n        maxAttempts\n      }\n    }\n  }\n": typeof types.ListDefinitionsDocument,
    "\n  query ReadDefinition($name: String!) {\n    taskDefinition(name: $name) {\n      name\n      inputSchema\n    }\n  }\n": typeof types.ReadDefinitionDocument,
    "\n  query ListNames {\n    taskDefinitions {\n      name\n    }\n  }\n": typeof types.ListNamesDocument,
    "\n  fragment TaskFields on Task {\n    id\n    name\n    state\n    queue\n    priority\n    attempt\n    maxAttempts\n    args\n    result\n    error {\n      type\n      message\n      retryable\n    }\n    progress {\n      current\n      total\n      percent\n      message\n    }\n    workerName\n    tags\n    uniqueKey\n    idempotencyKey\n    createdAt\n    runAt\n    expiresAt\n    startedAt\n    finishedAt\n    runTime\n    waitTime\n  }\n": typeof types.TaskFieldsFragmentDoc,
    "\n  query ReadTask($id: ID!) {\n    task(id: $id) {\n      ...TaskFields\n    }\n  }\n": typeof types.ReadTaskDocument,
    "\n  mutation EnqueueTask($input: EnqueueTaskInput!) {\n    enqueueTask(input: $input) {\n      task {\n        ...TaskFields\n      }\n      deduplicated\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": typeof types.EnqueueTaskDocument,
    "\n  subscription WatchTask($id: ID!) {\n    task(id: $id) {\n      __typename\n      ... on TaskUpdate {\n        type\n        task {\n          ...TaskFields\n        }\n      }\n      ... on StreamReset {\n        reason\n      }\n    }\n  }\n": typeof types.WatchTaskDocument,
    "\n  query ReadLogs($id: ID!, $after: String, $level: LogLevel) {\n    task(id: $id) {\n      logs(first: 500, after: $after, level: $level) {\n        nodes {\n          cursor\n          at\n          level\n          message\n          attempt\n          fields\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n": typeof types.ReadLogsDocument,
    "\n  subscription WatchLogs($id: ID!, $after: String, $level: LogLevel) {\n    taskLogs(id: $id, after: $after, level: $level) {\n      __typename\n      ... on LogUpdate {\n        lines {\n          cursor\n          at\n          level\n          message\n          attempt\n          fields\n        }\n      }\n      ... on StreamReset {\n        reason\n      }\n    }\n  }\n": typeof types.WatchLogsDocument,
    "\n  query ListWorkers {\n    workers {\n      id\n      name\n      hostname\n      pid\n      version\n      status\n      startedAt\n      lastHeartbeatAt\n      queues\n      pool {\n        concurrency\n        busy\n      }\n      processed\n      failed\n    }\n  }\n": typeof types.ListWorkersDocument,
    "\n  query ListQueues {\n    queues {\n      name\n      paused\n      waiting\n      scheduled\n      active\n      latency\n    }\n  }\n": typeof types.ListQueuesDocument,
    "\n  fragment ScheduleFields on Schedule {\n    id\n    name\n    description\n    enabled\n    taskName\n    args\n    options\n    timing {\n      __typename\n      ... on IntervalTiming {\n        every\n      }\n      ... on CrontabTiming {\n        expression\n      }\n      ... on ClockedTiming {\n        at\n      }\n      ... on SolarTiming {\n        event\n        latitude\n        longitude\n      }\n    }\n    summary\n    timeZone\n    startAt\n    endAt\n    maxRuns\n    overlap\n    misfire\n    jitter\n    lastRunAt\n    totalRunCount\n    source\n    version\n    problem\n  }\n": typeof types.ScheduleFieldsFragmentDoc,
    "\n  query ListSchedules($filter: ScheduleFilter, $after: String) {\n    schedules(first: 200, after: $after, filter: $filter) {\n      nodes {\n        ...ScheduleFields\n        nextRuns(count: 1)\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.ListSchedulesDocument,
    "\n  query ReadSchedule($name: String!) {\n    schedule(name: $name) {\n      ...ScheduleFields\n      nextRuns(count: 5)\n      createdAt\n      createdBy\n      updatedAt\n      lastRun {\n        id\n        state\n      }\n      skippedSlots(first: 1) {\n        firstSlot\n        lastSlot\n        count\n        reason\n      }\n    }\n  }\n": typeof types.ReadScheduleDocument,
    "\n  query ReadTaskSchemas {\n    server {\n      timeZone\n    }\n    taskDefinitions {\n      name\n      inputSchema\n    }\n  }\n": typeof types.ReadTaskSchemasDocument,
    "\n  mutation CreateSchedule($input: CreateScheduleInput!) {\n    createSchedule(input: $input) {\n      schedule {\n        ...ScheduleFields\n        nextRuns(count: 1)\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": typeof types.CreateScheduleDocument,
    "\n  mutation UpdateSchedule($input: UpdateScheduleInput!) {\n    updateSchedule(input: $input) {\n      schedule {\n        ...ScheduleFields\n        nextRuns(count: 1)\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": typeof types.UpdateScheduleDocument,
    "\n  mutation SetSchedulesEnabled($ids: [ID!]!, $enabled: Boolean!) {\n    setSchedulesEnabled(ids: $ids, enabled: $enabled) {\n      schedules {\n        ...ScheduleFields\n        nextRuns(count: 1)\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": typeof types.SetSchedulesEnabledDocument,
    "\n  mutation RunSchedulesNow($ids: [ID!]!) {\n    runSchedulesNow(ids: $ids) {\n      affectedCount\n      skippedCount\n      tasks {\n        ...TaskFields\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": typeof types.RunSchedulesNowDocument,
    "\n  mutation DeleteSchedules($ids: [ID!]!) {\n    deleteSchedules(ids: $ids) {\n      deletedCount\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": typeof types.DeleteSchedulesDocument,
    "\n  query PreviewTiming($timing: TimingInput!, $timeZone: TimeZone, $count: Int!, $language: Language!) {\n    previewTiming(timing: $timing, timeZone: $timeZone, count: $count, language: $language) {\n      summary\n      nextRuns\n      warnings\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": typeof types.PreviewTimingDocument,
    "\n  fragment StatsFields on TaskStats {\n    since\n    counts {\n      pending\n      scheduled\n      queued\n      started\n      retry\n      success\n      failure\n      revoked\n      expired\n    }\n    retried\n    failureRate\n    runTimeP50\n    runTimeP95\n    runTimeP99\n    waitTimeP95\n  }\n": typeof types.StatsFieldsFragmentDoc,
    "\n  query ReadStats($window: StatsWindow!) {\n    overview {\n      at\n      workersOnline\n      workersLost\n      stats(window: $window) {\n        ...StatsFields\n      }\n    }\n    taskDefinitions {\n      name\n      stats(window: $window) {\n        ...StatsFields\n      }\n    }\n  }\n": typeof types.ReadStatsDocument,
    "\n  query ReadTaskStats($name: String!, $window: StatsWindow!) {\n    taskDefinition(name: $name) {\n      name\n      stats(window: $window) {\n        ...StatsFields\n      }\n    }\n  }\n": typeof types.ReadTaskStatsDocument,
    "\n  query ReadQueueStats($name: String!, $window: StatsWindow!) {\n    queue(name: $name) {\n      name\n      stats(window: $window) {\n        ...StatsFields\n      }\n    }\n  }\n": typeof types.ReadQueueStatsDocument,
    "\n  query ListFailures($window: StatsWindow!, $first: Int) {\n    failureGroups(window: $window, first: $first) {\n      fingerprint\n      type\n      message\n      name\n      count\n      firstSeenAt\n      lastSeenAt\n      sample {\n        id\n      }\n    }\n  }\n": typeof types.ListFailuresDocument,
};
const documents: Documents = {
    "\n  query ListDefinitions {\n    taskDefinitions {\n      name\n      description\n      queue\n      priority\n      mutationField\n      deprecationReason\n      timeLimit\n      retry {\n        maxAttempts\n      }\n    }\n  }\n": types.ListDefinitionsDocument,
    "\n  query ReadDefinition($name: String!) {\n    taskDefinition(name: $name) {\n      name\n      inputSchema\n    }\n  }\n": types.ReadDefinitionDocument,
    "\n  query ListNames {\n    taskDefinitions {\n      name\n    }\n  }\n": types.ListNamesDocument,
    "\n  fragment TaskFields on Task {\n    id\n    name\n    state\n    queue\n    priority\n    attempt\n    maxAttempts\n    args\n    result\n    error {\n      type\n      message\n      retryable\n    }\n    progress {\n      current\n      total\n      percent\n      message\n    }\n    workerName\n    tags\n    uniqueKey\n    idempotencyKey\n    createdAt\n    runAt\n    expiresAt\n    startedAt\n    finishedAt\n    runTime\n    waitTime\n  }\n": types.TaskFieldsFragmentDoc,
    "\n  query ReadTask($id: ID!) {\n    task(id: $id) {\n      ...TaskFields\n    }\n  }\n": types.ReadTaskDocument,
    "\n  mutation EnqueueTask($input: EnqueueTaskInput!) {\n    enqueueTask(input: $input) {\n      task {\n        ...TaskFields\n      }\n      deduplicated\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": types.EnqueueTaskDocument,
    "\n  subscription WatchTask($id: ID!) {\n    task(id: $id) {\n      __typename\n      ... on TaskUpdate {\n        type\n        task {\n          ...TaskFields\n        }\n      }\n      ... on StreamReset {\n        reason\n      }\n    }\n  }\n": types.WatchTaskDocument,
    "\n  query ReadLogs($id: ID!, $after: String, $level: LogLevel) {\n    task(id: $id) {\n      logs(first: 500, after: $after, level: $level) {\n        nodes {\n          cursor\n          at\n          level\n          message\n          attempt\n          fields\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n": types.ReadLogsDocument,
    "\n  subscription WatchLogs($id: ID!, $after: String, $level: LogLevel) {\n    taskLogs(id: $id, after: $after, level: $level) {\n      __typename\n      ... on LogUpdate {\n        lines {\n          cursor\n          at\n          level\n          message\n          attempt\n          fields\n        }\n      }\n      ... on StreamReset {\n        reason\n      }\n    }\n  }\n": types.WatchLogsDocument,
    "\n  query ListWorkers {\n    workers {\n      id\n      name\n      hostname\n      pid\n      version\n      status\n      startedAt\n      lastHeartbeatAt\n      queues\n      pool {\n        concurrency\n        busy\n      }\n      processed\n      failed\n    }\n  }\n": types.ListWorkersDocument,
    "\n  query ListQueues {\n    queues {\n      name\n      paused\n      waiting\n      scheduled\n      active\n      latency\n    }\n  }\n": types.ListQueuesDocument,
    "\n  fragment ScheduleFields on Schedule {\n    id\n    name\n    description\n    enabled\n    taskName\n    args\n    options\n    timing {\n      __typename\n      ... on IntervalTiming {\n        every\n      }\n      ... on CrontabTiming {\n        expression\n      }\n      ... on ClockedTiming {\n        at\n      }\n      ... on SolarTiming {\n        event\n        latitude\n        longitude\n      }\n    }\n    summary\n    timeZone\n    startAt\n    endAt\n    maxRuns\n    overlap\n    misfire\n    jitter\n    lastRunAt\n    totalRunCount\n    source\n    version\n    problem\n  }\n": types.ScheduleFieldsFragmentDoc,
    "\n  query ListSchedules($filter: ScheduleFilter, $after: String) {\n    schedules(first: 200, after: $after, filter: $filter) {\n      nodes {\n        ...ScheduleFields\n        nextRuns(count: 1)\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.ListSchedulesDocument,
    "\n  query ReadSchedule($name: String!) {\n    schedule(name: $name) {\n      ...ScheduleFields\n      nextRuns(count: 5)\n      createdAt\n      createdBy\n      updatedAt\n      lastRun {\n        id\n        state\n      }\n      skippedSlots(first: 1) {\n        firstSlot\n        lastSlot\n        count\n        reason\n      }\n    }\n  }\n": types.ReadScheduleDocument,
    "\n  query ReadTaskSchemas {\n    server {\n      timeZone\n    }\n    taskDefinitions {\n      name\n      inputSchema\n    }\n  }\n": types.ReadTaskSchemasDocument,
    "\n  mutation CreateSchedule($input: CreateScheduleInput!) {\n    createSchedule(input: $input) {\n      schedule {\n        ...ScheduleFields\n        nextRuns(count: 1)\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": types.CreateScheduleDocument,
    "\n  mutation UpdateSchedule($input: UpdateScheduleInput!) {\n    updateSchedule(input: $input) {\n      schedule {\n        ...ScheduleFields\n        nextRuns(count: 1)\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": types.UpdateScheduleDocument,
    "\n  mutation SetSchedulesEnabled($ids: [ID!]!, $enabled: Boolean!) {\n    setSchedulesEnabled(ids: $ids, enabled: $enabled) {\n      schedules {\n        ...ScheduleFields\n        nextRuns(count: 1)\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": types.SetSchedulesEnabledDocument,
    "\n  mutation RunSchedulesNow($ids: [ID!]!) {\n    runSchedulesNow(ids: $ids) {\n      affectedCount\n      skippedCount\n      tasks {\n        ...TaskFields\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": types.RunSchedulesNowDocument,
    "\n  mutation DeleteSchedules($ids: [ID!]!) {\n    deleteSchedules(ids: $ids) {\n      deletedCount\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": types.DeleteSchedulesDocument,
    "\n  query PreviewTiming($timing: TimingInput!, $timeZone: TimeZone, $count: Int!, $language: Language!) {\n    previewTiming(timing: $timing, timeZone: $timeZone, count: $count, language: $language) {\n      summary\n      nextRuns\n      warnings\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": types.PreviewTimingDocument,
    "\n  fragment StatsFields on TaskStats {\n    since\n    counts {\n      pending\n      scheduled\n      queued\n      started\n      retry\n      success\n      failure\n      revoked\n      expired\n    }\n    retried\n    failureRate\n    runTimeP50\n    runTimeP95\n    runTimeP99\n    waitTimeP95\n  }\n": types.StatsFieldsFragmentDoc,
    "\n  query ReadStats($window: StatsWindow!) {\n    overview {\n      at\n      workersOnline\n      workersLost\n      stats(window: $window) {\n        ...StatsFields\n      }\n    }\n    taskDefinitions {\n      name\n      stats(window: $window) {\n        ...StatsFields\n      }\n    }\n  }\n": types.ReadStatsDocument,
    "\n  query ReadTaskStats($name: String!, $window: StatsWindow!) {\n    taskDefinition(name: $name) {\n      name\n      stats(window: $window) {\n        ...StatsFields\n      }\n    }\n  }\n": types.ReadTaskStatsDocument,
    "\n  query ReadQueueStats($name: String!, $window: StatsWindow!) {\n    queue(name: $name) {\n      name\n      stats(window: $window) {\n        ...StatsFields\n      }\n    }\n  }\n": types.ReadQueueStatsDocument,
    "\n  query ListFailures($window: StatsWindow!, $first: Int) {\n    failureGroups(window: $window, first: $first) {\n      fingerprint\n      type\n      message\n      name\n      count\n      firstSeenAt\n      lastSeenAt\n      sample {\n        id\n      }\n    }\n  }\n": types.ListFailuresDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListDefinitions {\n    taskDefinitions {\n      name\n      description\n      queue\n      priority\n      mutationField\n      deprecationReason\n      timeLimit\n      retry {\n        maxAttempts\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ListDefinitionsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReadDefinition($name: String!) {\n    taskDefinition(name: $name) {\n      name\n      inputSchema\n    }\n  }\n"): typeof import('./graphql.ts').ReadDefinitionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListNames {\n    taskDefinitions {\n      name\n    }\n  }\n"): typeof import('./graphql.ts').ListNamesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment TaskFields on Task {\n    id\n    name\n    state\n    queue\n    priority\n    attempt\n    maxAttempts\n    args\n    result\n    error {\n      type\n      message\n      retryable\n    }\n    progress {\n      current\n      total\n      percent\n      message\n    }\n    workerName\n    tags\n    uniqueKey\n    idempotencyKey\n    createdAt\n    runAt\n    expiresAt\n    startedAt\n    finishedAt\n    runTime\n    waitTime\n  }\n"): typeof import('./graphql.ts').TaskFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReadTask($id: ID!) {\n    task(id: $id) {\n      ...TaskFields\n    }\n  }\n"): typeof import('./graphql.ts').ReadTaskDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EnqueueTask($input: EnqueueTaskInput!) {\n    enqueueTask(input: $input) {\n      task {\n        ...TaskFields\n      }\n      deduplicated\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n"): typeof import('./graphql.ts').EnqueueTaskDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription WatchTask($id: ID!) {\n    task(id: $id) {\n      __typename\n      ... on TaskUpdate {\n        type\n        task {\n          ...TaskFields\n        }\n      }\n      ... on StreamReset {\n        reason\n      }\n    }\n  }\n"): typeof import('./graphql.ts').WatchTaskDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReadLogs($id: ID!, $after: String, $level: LogLevel) {\n    task(id: $id) {\n      logs(first: 500, after: $after, level: $level) {\n        nodes {\n          cursor\n          at\n          level\n          message\n          attempt\n          fields\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ReadLogsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription WatchLogs($id: ID!, $after: String, $level: LogLevel) {\n    taskLogs(id: $id, after: $after, level: $level) {\n      __typename\n      ... on LogUpdate {\n        lines {\n          cursor\n          at\n          level\n          message\n          attempt\n          fields\n        }\n      }\n      ... on StreamReset {\n        reason\n      }\n    }\n  }\n"): typeof import('./graphql.ts').WatchLogsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListWorkers {\n    workers {\n      id\n      name\n      hostname\n      pid\n      version\n      status\n      startedAt\n      lastHeartbeatAt\n      queues\n      pool {\n        concurrency\n        busy\n      }\n      processed\n      failed\n    }\n  }\n"): typeof import('./graphql.ts').ListWorkersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListQueues {\n    queues {\n      name\n      paused\n      waiting\n      scheduled\n      active\n      latency\n    }\n  }\n"): typeof import('./graphql.ts').ListQueuesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ScheduleFields on Schedule {\n    id\n    name\n    description\n    enabled\n    taskName\n    args\n    options\n    timing {\n      __typename\n      ... on IntervalTiming {\n        every\n      }\n      ... on CrontabTiming {\n        expression\n      }\n      ... on ClockedTiming {\n        at\n      }\n      ... on SolarTiming {\n        event\n        latitude\n        longitude\n      }\n    }\n    summary\n    timeZone\n    startAt\n    endAt\n    maxRuns\n    overlap\n    misfire\n    jitter\n    lastRunAt\n    totalRunCount\n    source\n    version\n    problem\n  }\n"): typeof import('./graphql.ts').ScheduleFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListSchedules($filter: ScheduleFilter, $after: String) {\n    schedules(first: 200, after: $after, filter: $filter) {\n      nodes {\n        ...ScheduleFields\n        nextRuns(count: 1)\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ListSchedulesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReadSchedule($name: String!) {\n    schedule(name: $name) {\n      ...ScheduleFields\n      nextRuns(count: 5)\n      createdAt\n      createdBy\n      updatedAt\n      lastRun {\n        id\n        state\n      }\n      skippedSlots(first: 1) {\n        firstSlot\n        lastSlot\n        count\n        reason\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ReadScheduleDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReadTaskSchemas {\n    server {\n      timeZone\n    }\n    taskDefinitions {\n      name\n      inputSchema\n    }\n  }\n"): typeof import('./graphql.ts').ReadTaskSchemasDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateSchedule($input: CreateScheduleInput!) {\n    createSchedule(input: $input) {\n      schedule {\n        ...ScheduleFields\n        nextRuns(count: 1)\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n"): typeof import('./graphql.ts').CreateScheduleDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateSchedule($input: UpdateScheduleInput!) {\n    updateSchedule(input: $input) {\n      schedule {\n        ...ScheduleFields\n        nextRuns(count: 1)\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n"): typeof import('./graphql.ts').UpdateScheduleDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetSchedulesEnabled($ids: [ID!]!, $enabled: Boolean!) {\n    setSchedulesEnabled(ids: $ids, enabled: $enabled) {\n      schedules {\n        ...ScheduleFields\n        nextRuns(count: 1)\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n"): typeof import('./graphql.ts').SetSchedulesEnabledDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RunSchedulesNow($ids: [ID!]!) {\n    runSchedulesNow(ids: $ids) {\n      affectedCount\n      skippedCount\n      tasks {\n        ...TaskFields\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n"): typeof import('./graphql.ts').RunSchedulesNowDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteSchedules($ids: [ID!]!) {\n    deleteSchedules(ids: $ids) {\n      deletedCount\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n"): typeof import('./graphql.ts').DeleteSchedulesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PreviewTiming($timing: TimingInput!, $timeZone: TimeZone, $count: Int!, $language: Language!) {\n    previewTiming(timing: $timing, timeZone: $timeZone, count: $count, language: $language) {\n      summary\n      nextRuns\n      warnings\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n"): typeof import('./graphql.ts').PreviewTimingDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment StatsFields on TaskStats {\n    since\n    counts {\n      pending\n      scheduled\n      queued\n      started\n      retry\n      success\n      failure\n      revoked\n      expired\n    }\n    retried\n    failureRate\n    runTimeP50\n    runTimeP95\n    runTimeP99\n    waitTimeP95\n  }\n"): typeof import('./graphql.ts').StatsFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReadStats($window: StatsWindow!) {\n    overview {\n      at\n      workersOnline\n      workersLost\n      stats(window: $window) {\n        ...StatsFields\n      }\n    }\n    taskDefinitions {\n      name\n      stats(window: $window) {\n        ...StatsFields\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ReadStatsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReadTaskStats($name: String!, $window: StatsWindow!) {\n    taskDefinition(name: $name) {\n      name\n      stats(window: $window) {\n        ...StatsFields\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ReadTaskStatsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReadQueueStats($name: String!, $window: StatsWindow!) {\n    queue(name: $name) {\n      name\n      stats(window: $window) {\n        ...StatsFields\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ReadQueueStatsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListFailures($window: StatsWindow!, $first: Int) {\n    failureGroups(window: $window, first: $first) {\n      fingerprint\n      type\n      message\n      name\n      count\n      firstSeenAt\n      lastSeenAt\n      sample {\n        id\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ListFailuresDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
