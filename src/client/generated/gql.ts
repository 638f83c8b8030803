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
    "\n  query ReadDefinition($name: String!) {\n    taskDefinition(name: $name) {\n      name\n      inputSchema\n      sensitive\n    }\n  }\n": typeof types.ReadDefinitionDocument,
    "\n  query ListNames {\n    taskDefinitions {\n      name\n    }\n  }\n": typeof types.ListNamesDocument,
    "\n  fragment TaskFields on Task {\n    id\n    name\n    state\n    queue\n    priority\n    attempt\n    maxAttempts\n    args\n    result\n    resultGone\n    error {\n      type\n      message\n      retryable\n      causes {\n        type\n        message\n      }\n    }\n    progress {\n      current\n      total\n      percent\n      message\n    }\n    workerName\n    tags\n    uniqueKey\n    idempotencyKey\n    createdAt\n    runAt\n    expiresAt\n    revokedBy\n    revokeReason\n    startedAt\n    finishedAt\n    runTime\n    waitTime\n  }\n": typeof types.TaskFieldsFragmentDoc,
    "\n  query ReadTask($id: ID!) {\n    task(id: $id) {\n      ...TaskFields\n    }\n  }\n": typeof types.ReadTaskDocument,
    "\n  query ListLiveWorkers {\n    workers(statuses: [ONLINE, DRAINING, PAUSED]) {\n      definitions\n    }\n  }\n": typeof types.ListLiveWorkersDocument,
    "\n  mutation EnqueueTask($input: EnqueueTaskInput!) {\n    enqueueTask(input: $input) {\n      task {\n        ...TaskFields\n      }\n      deduplicated\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": typeof types.EnqueueTaskDocument,
    "\n  subscription WatchTask($id: ID!) {\n    task(id: $id) {\n      __typename\n      ... on TaskUpdate {\n        type\n        task {\n          ...TaskFields\n        }\n      }\n      ... on StreamReset {\n        reason\n      }\n    }\n  }\n": typeof types.WatchTaskDocument,
    "\n  query ReadLogs($id: ID!, $after: String, $level: LogLevel) {\n    task(id: $id) {\n      logs(first: 500, after: $after, level: $level) {\n        nodes {\n          cursor\n          at\n          level\n          message\n          attempt\n          fields\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n": typeof types.ReadLogsDocument,
    "\n  subscription WatchLogs($id: ID!, $after: String, $level: LogLevel) {\n    taskLogs(id: $id, after: $after, level: $level) {\n      __typename\n      ... on LogUpdate {\n        lines {\n          cursor\n          at\n          level\n          message\n          attempt\n          fields\n        }\n      }\n      ... on StreamReset {\n        reason\n      }\n    }\n  }\n": typeof types.WatchLogsDocument,
    "\n  query ListWorkers {\n    workers {\n      id\n      name\n      hostname\n      pid\n      version\n      status\n      startedAt\n      lastHeartbeatAt\n      queues\n      pool {\n        concurrency\n        busy\n      }\n      processed\n      failed\n    }\n  }\n": typeof types.ListWorkersDocument,
    "\n  query ListQueues {\n    queues {\n      ...QueueFields\n    }\n  }\n": typeof types.ListQueuesDocument,
    "\n  fragment QueueFields on Queue {\n    name\n    paused\n    waiting\n    scheduled\n    active\n    latency\n    concurrencyLimit\n    rateLimit\n  }\n": typeof types.QueueFieldsFragmentDoc,
    "\n  fragment QueueChange on QueuePayload {\n    queue {\n      ...QueueFields\n    }\n    affectedCount\n    errors {\n      code\n      message\n      path\n      hint\n    }\n  }\n": typeof types.QueueChangeFragmentDoc,
    "\n  query ReadQueue($name: String!) {\n    queue(name: $name) {\n      ...QueueFields\n    }\n  }\n": typeof types.ReadQueueDocument,
    "\n  mutation PauseQueue($name: String!) {\n    pauseQueue(name: $name) {\n      ...QueueChange\n    }\n  }\n": typeof types.PauseQueueDocument,
    "\n  mutation ResumeQueue($name: String!) {\n    resumeQueue(name: $name) {\n      ...QueueChange\n    }\n  }\n": typeof types.ResumeQueueDocument,
    "\n  mutation SetQueueLimits($name: String!, $concurrency: Int, $rateLimit: String) {\n    setQueueLimits(name: $name, concurrency: $concurrency, rateLimit: $rateLimit) {\n      ...QueueChange\n    }\n  }\n": typeof types.SetQueueLimitsDocument,
    "\n  mutation PurgeQueue($name: String!, $confirm: String!) {\n    purgeQueue(name: $name, confirm: $confirm) {\n      ...QueueChange\n    }\n  }\n": typeof types.PurgeQueueDocument,
    "\n  mutation BroadcastTask($input: EnqueueTaskInput!, $workers: [String!]) {\n    broadcastTask(input: $input, workers: $workers) {\n      workers\n      tasks {\n        ...TaskFields\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": typeof types.BroadcastTaskDocument,
    "\n  query ExplainTask($input: EnqueueTaskInput!) {\n    explainTask(input: $input) {\n      accepted\n      errors {\n        code\n        message\n        path\n        hint\n      }\n      queue\n      queueDecidedBy\n      priority\n      priorityDecidedBy\n      route\n      maxAttempts\n      timeLimit\n      softTimeLimit\n      runAt\n      expiresAt\n      duplicateOf {\n        id\n        state\n      }\n      duplicateKey\n      queuePaused\n      waitingBefore\n      workers {\n        name\n        status\n      }\n      problem\n    }\n  }\n": typeof types.ExplainTaskDocument,
    "\n  fragment ScheduleFields on Schedule {\n    id\n    name\n    description\n    enabled\n    taskName\n    args\n    options\n    timing {\n      __typename\n      ... on IntervalTiming {\n        every\n      }\n      ... on CrontabTiming {\n        expression\n      }\n      ... on ClockedTiming {\n        at\n      }\n      ... on SolarTiming {\n        event\n        latitude\n        longitude\n      }\n    }\n    summary\n    timeZone\n    startAt\n    endAt\n    maxRuns\n    overlap\n    misfire\n    jitter\n    lastRunAt\n    totalRunCount\n    source\n    version\n    problem\n  }\n": typeof types.ScheduleFieldsFragmentDoc,
    "\n  query ListSchedules($filter: ScheduleFilter, $after: String) {\n    schedules(first: 200, after: $after, filter: $filter) {\n      nodes {\n        ...ScheduleFields\n        nextRuns(count: 1)\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.ListSchedulesDocument,
    "\n  query ReadSchedule($name: String!) {\n    schedule(name: $name) {\n      ...ScheduleFields\n      nextRuns(count: 5)\n      createdAt\n      createdBy\n      updatedAt\n      lastRun {\n        id\n        state\n      }\n      skippedSlots(first: 1) {\n        firstSlot\n        lastSlot\n        count\n        reason\n      }\n    }\n  }\n": typeof types.ReadScheduleDocument,
    "\n  query ReadTaskSchemas {\n    server {\n      timeZone\n    }\n    taskDefinitions {\n      name\n      inputSchema\n      sensitive\n    }\n  }\n": typeof types.ReadTaskSchemasDocument,
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
    "\n  query ListTasks($filter: TaskFilter, $first: Int, $after: String, $orderBy: TaskOrder) {\n    tasks(filter: $filter, first: $first, after: $after, orderBy: $orderBy) {\n      nodes {\n        id\n        name\n        state\n        queue\n        priority\n        attempt\n        maxAttempts\n        workerName\n        tags\n        createdAt\n        runAt\n        startedAt\n        finishedAt\n        runTime\n        waitTime\n        error {\n          type\n          message\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.ListTasksDocument,
    "\n  mutation RevokeTasks($select: TaskSelection!, $terminate: Boolean!, $reason: String) {\n    revokeTasks(select: $select, terminate: $terminate, reason: $reason) {\n      affectedCount\n      skippedCount\n      tasks {\n        id\n        state\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": typeof types.RevokeTasksDocument,
    "\n  mutation RetryTasks($select: TaskSelection!, $args: JSON, $queue: String) {\n    retryTasks(select: $select, args: $args, queue: $queue) {\n      affectedCount\n      skippedCount\n      tasks {\n        id\n        state\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": typeof types.RetryTasksDocument,
    "\n  mutation RunTasksNow($select: TaskSelection!) {\n    runTasksNow(select: $select) {\n      affectedCount\n      skippedCount\n      tasks {\n        id\n        state\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": typeof types.RunTasksNowDocument,
    "\n  mutation DeleteTasks($select: TaskSelection!) {\n    deleteTasks(select: $select) {\n      deletedCount\n      skippedCount\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": typeof types.DeleteTasksDocument,
    "\n  fragment CommandFields on WorkerCommandPayload {\n    replies {\n      worker\n      ok\n      value\n      error\n    }\n    silent\n    errors {\n      code\n      message\n      path\n      hint\n    }\n  }\n": typeof types.CommandFieldsFragmentDoc,
    "\n  mutation PingWorkers($input: WorkerCommandInput!) {\n    pingWorkers(input: $input) {\n      ...CommandFields\n    }\n  }\n": typeof types.PingWorkersDocument,
    "\n  mutation ResizeWorkerPool($input: WorkerCommandInput!, $concurrency: Int!) {\n    resizeWorkerPool(input: $input, concurrency: $concurrency) {\n      ...CommandFields\n    }\n  }\n": typeof types.ResizeWorkerPoolDocument,
    "\n  mutation AutoscaleWorkers($input: WorkerCommandInput!, $min: Int!, $max: Int!) {\n    autoscaleWorkers(input: $input, min: $min, max: $max) {\n      ...CommandFields\n    }\n  }\n": typeof types.AutoscaleWorkersDocument,
    "\n  mutation SetWorkerQueues($input: WorkerCommandInput!, $add: [String!], $remove: [String!]) {\n    setWorkerQueues(input: $input, add: $add, remove: $remove) {\n      ...CommandFields\n    }\n  }\n": typeof types.SetWorkerQueuesDocument,
    "\n  mutation PauseWorkers($input: WorkerCommandInput!) {\n    pauseWorkers(input: $input) {\n      ...CommandFields\n    }\n  }\n": typeof types.PauseWorkersDocument,
    "\n  mutation ResumeWorkers($input: WorkerCommandInput!) {\n    resumeWorkers(input: $input) {\n      ...CommandFields\n    }\n  }\n": typeof types.ResumeWorkersDocument,
    "\n  mutation SetWorkerLogLevel($input: WorkerCommandInput!, $level: LogLevel!) {\n    setWorkerLogLevel(input: $input, level: $level) {\n      ...CommandFields\n    }\n  }\n": typeof types.SetWorkerLogLevelDocument,
    "\n  mutation ResetWorkerSettings($input: WorkerCommandInput!, $settings: [WorkerSetting!]) {\n    resetWorkerSettings(input: $input, settings: $settings) {\n      ...CommandFields\n    }\n  }\n": typeof types.ResetWorkerSettingsDocument,
    "\n  mutation RestartWorkerPools($input: WorkerCommandInput!) {\n    restartWorkerPools(input: $input) {\n      ...CommandFields\n    }\n  }\n": typeof types.RestartWorkerPoolsDocument,
    "\n  mutation ShutdownWorkers($input: WorkerCommandInput!, $drain: Boolean!) {\n    shutdownWorkers(input: $input, drain: $drain) {\n      ...CommandFields\n    }\n  }\n": typeof types.ShutdownWorkersDocument,
    "\n  mutation SetTaskRateLimit($name: String!, $rateLimit: String) {\n    setTaskRateLimit(name: $name, rateLimit: $rateLimit) {\n      ...CommandFields\n    }\n  }\n": typeof types.SetTaskRateLimitDocument,
    "\n  mutation SetTaskTimeLimit($name: String!, $soft: Duration, $hard: Duration) {\n    setTaskTimeLimit(name: $name, soft: $soft, hard: $hard) {\n      ...CommandFields\n    }\n  }\n": typeof types.SetTaskTimeLimitDocument,
    "\n  mutation PauseTask($name: String!) {\n    pauseTask(name: $name) {\n      ...CommandFields\n    }\n  }\n": typeof types.PauseTaskDocument,
    "\n  mutation ResumeTask($name: String!) {\n    resumeTask(name: $name) {\n      ...CommandFields\n    }\n  }\n": typeof types.ResumeTaskDocument,
    "\n  query ReadLimits($name: String!) {\n    taskDefinition(name: $name) {\n      name\n      rateLimit\n      timeLimit\n      softTimeLimit\n      overridden\n    }\n  }\n": typeof types.ReadLimitsDocument,
};
const documents: Documents = {
    "\n  query ListDefinitions {\n    taskDefinitions {\n      name\n      description\n      queue\n      priority\n      mutationField\n      deprecationReason\n      timeLimit\n      retry {\n        maxAttempts\n      }\n    }\n  }\n": types.ListDefinitionsDocument,
    "\n  query ReadDefinition($name: String!) {\n    taskDefinition(name: $name) {\n      name\n      inputSchema\n      sensitive\n    }\n  }\n": types.ReadDefinitionDocument,
    "\n  query ListNames {\n    taskDefinitions {\n      name\n    }\n  }\n": types.ListNamesDocument,
    "\n  fragment TaskFields on Task {\n    id\n    name\n    state\n    queue\n    priority\n    attempt\n    maxAttempts\n    args\n    result\n    resultGone\n    error {\n      type\n      message\n      retryable\n      causes {\n        type\n        message\n      }\n    }\n    progress {\n      current\n      total\n      percent\n      message\n    }\n    workerName\n    tags\n    uniqueKey\n    idempotencyKey\n    createdAt\n    runAt\n    expiresAt\n    revokedBy\n    revokeReason\n    startedAt\n    finishedAt\n    runTime\n    waitTime\n  }\n": types.TaskFieldsFragmentDoc,
    "\n  query ReadTask($id: ID!) {\n    task(id: $id) {\n      ...TaskFields\n    }\n  }\n": types.ReadTaskDocument,
    "\n  query ListLiveWorkers {\n    workers(statuses: [ONLINE, DRAINING, PAUSED]) {\n      definitions\n    }\n  }\n": types.ListLiveWorkersDocument,
    "\n  mutation EnqueueTask($input: EnqueueTaskInput!) {\n    enqueueTask(input: $input) {\n      task {\n        ...TaskFields\n      }\n      deduplicated\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": types.EnqueueTaskDocument,
    "\n  subscription WatchTask($id: ID!) {\n    task(id: $id) {\n      __typename\n      ... on TaskUpdate {\n        type\n        task {\n          ...TaskFields\n        }\n      }\n      ... on StreamReset {\n        reason\n      }\n    }\n  }\n": types.WatchTaskDocument,
    "\n  query ReadLogs($id: ID!, $after: String, $level: LogLevel) {\n    task(id: $id) {\n      logs(first: 500, after: $after, level: $level) {\n        nodes {\n          cursor\n          at\n          level\n          message\n          attempt\n          fields\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n": types.ReadLogsDocument,
    "\n  subscription WatchLogs($id: ID!, $after: String, $level: LogLevel) {\n    taskLogs(id: $id, after: $after, level: $level) {\n      __typename\n      ... on LogUpdate {\n        lines {\n          cursor\n          at\n          level\n          message\n          attempt\n          fields\n        }\n      }\n      ... on StreamReset {\n        reason\n      }\n    }\n  }\n": types.WatchLogsDocument,
    "\n  query ListWorkers {\n    workers {\n      id\n      name\n      hostname\n      pid\n      version\n      status\n      startedAt\n      lastHeartbeatAt\n      queues\n      pool {\n        concurrency\n        busy\n      }\n      processed\n      failed\n    }\n  }\n": types.ListWorkersDocument,
    "\n  query ListQueues {\n    queues {\n      ...QueueFields\n    }\n  }\n": types.ListQueuesDocument,
    "\n  fragment QueueFields on Queue {\n    name\n    paused\n    waiting\n    scheduled\n    active\n    latency\n    concurrencyLimit\n    rateLimit\n  }\n": types.QueueFieldsFragmentDoc,
    "\n  fragment QueueChange on QueuePayload {\n    queue {\n      ...QueueFields\n    }\n    affectedCount\n    errors {\n      code\n      message\n      path\n      hint\n    }\n  }\n": types.QueueChangeFragmentDoc,
    "\n  query ReadQueue($name: String!) {\n    queue(name: $name) {\n      ...QueueFields\n    }\n  }\n": types.ReadQueueDocument,
    "\n  mutation PauseQueue($name: String!) {\n    pauseQueue(name: $name) {\n      ...QueueChange\n    }\n  }\n": types.PauseQueueDocument,
    "\n  mutation ResumeQueue($name: String!) {\n    resumeQueue(name: $name) {\n      ...QueueChange\n    }\n  }\n": types.ResumeQueueDocument,
    "\n  mutation SetQueueLimits($name: String!, $concurrency: Int, $rateLimit: String) {\n    setQueueLimits(name: $name, concurrency: $concurrency, rateLimit: $rateLimit) {\n      ...QueueChange\n    }\n  }\n": types.SetQueueLimitsDocument,
    "\n  mutation PurgeQueue($name: String!, $confirm: String!) {\n    purgeQueue(name: $name, confirm: $confirm) {\n      ...QueueChange\n    }\n  }\n": types.PurgeQueueDocument,
    "\n  mutation BroadcastTask($input: EnqueueTaskInput!, $workers: [String!]) {\n    broadcastTask(input: $input, workers: $workers) {\n      workers\n      tasks {\n        ...TaskFields\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": types.BroadcastTaskDocument,
    "\n  query ExplainTask($input: EnqueueTaskInput!) {\n    explainTask(input: $input) {\n      accepted\n      errors {\n        code\n        message\n        path\n        hint\n      }\n      queue\n      queueDecidedBy\n      priority\n      priorityDecidedBy\n      route\n      maxAttempts\n      timeLimit\n      softTimeLimit\n      runAt\n      expiresAt\n      duplicateOf {\n        id\n        state\n      }\n      duplicateKey\n      queuePaused\n      waitingBefore\n      workers {\n        name\n        status\n      }\n      problem\n    }\n  }\n": types.ExplainTaskDocument,
    "\n  fragment ScheduleFields on Schedule {\n    id\n    name\n    description\n    enabled\n    taskName\n    args\n    options\n    timing {\n      __typename\n      ... on IntervalTiming {\n        every\n      }\n      ... on CrontabTiming {\n        expression\n      }\n      ... on ClockedTiming {\n        at\n      }\n      ... on SolarTiming {\n        event\n        latitude\n        longitude\n      }\n    }\n    summary\n    timeZone\n    startAt\n    endAt\n    maxRuns\n    overlap\n    misfire\n    jitter\n    lastRunAt\n    totalRunCount\n    source\n    version\n    problem\n  }\n": types.ScheduleFieldsFragmentDoc,
    "\n  query ListSchedules($filter: ScheduleFilter, $after: String) {\n    schedules(first: 200, after: $after, filter: $filter) {\n      nodes {\n        ...ScheduleFields\n        nextRuns(count: 1)\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.ListSchedulesDocument,
    "\n  query ReadSchedule($name: String!) {\n    schedule(name: $name) {\n      ...ScheduleFields\n      nextRuns(count: 5)\n      createdAt\n      createdBy\n      updatedAt\n      lastRun {\n        id\n        state\n      }\n      skippedSlots(first: 1) {\n        firstSlot\n        lastSlot\n        count\n        reason\n      }\n    }\n  }\n": types.ReadScheduleDocument,
    "\n  query ReadTaskSchemas {\n    server {\n      timeZone\n    }\n    taskDefinitions {\n      name\n      inputSchema\n      sensitive\n    }\n  }\n": types.ReadTaskSchemasDocument,
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
    "\n  query ListTasks($filter: TaskFilter, $first: Int, $after: String, $orderBy: TaskOrder) {\n    tasks(filter: $filter, first: $first, after: $after, orderBy: $orderBy) {\n      nodes {\n        id\n        name\n        state\n        queue\n        priority\n        attempt\n        maxAttempts\n        workerName\n        tags\n        createdAt\n        runAt\n        startedAt\n        finishedAt\n        runTime\n        waitTime\n        error {\n          type\n          message\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.ListTasksDocument,
    "\n  mutation RevokeTasks($select: TaskSelection!, $terminate: Boolean!, $reason: String) {\n    revokeTasks(select: $select, terminate: $terminate, reason: $reason) {\n      affectedCount\n      skippedCount\n      tasks {\n        id\n        state\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": types.RevokeTasksDocument,
    "\n  mutation RetryTasks($select: TaskSelection!, $args: JSON, $queue: String) {\n    retryTasks(select: $select, args: $args, queue: $queue) {\n      affectedCount\n      skippedCount\n      tasks {\n        id\n        state\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": types.RetryTasksDocument,
    "\n  mutation RunTasksNow($select: TaskSelection!) {\n    runTasksNow(select: $select) {\n      affectedCount\n      skippedCount\n      tasks {\n        id\n        state\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": types.RunTasksNowDocument,
    "\n  mutation DeleteTasks($select: TaskSelection!) {\n    deleteTasks(select: $select) {\n      deletedCount\n      skippedCount\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n": types.DeleteTasksDocument,
    "\n  fragment CommandFields on WorkerCommandPayload {\n    replies {\n      worker\n      ok\n      value\n      error\n    }\n    silent\n    errors {\n      code\n      message\n      path\n      hint\n    }\n  }\n": types.CommandFieldsFragmentDoc,
    "\n  mutation PingWorkers($input: WorkerCommandInput!) {\n    pingWorkers(input: $input) {\n      ...CommandFields\n    }\n  }\n": types.PingWorkersDocument,
    "\n  mutation ResizeWorkerPool($input: WorkerCommandInput!, $concurrency: Int!) {\n    resizeWorkerPool(input: $input, concurrency: $concurrency) {\n      ...CommandFields\n    }\n  }\n": types.ResizeWorkerPoolDocument,
    "\n  mutation AutoscaleWorkers($input: WorkerCommandInput!, $min: Int!, $max: Int!) {\n    autoscaleWorkers(input: $input, min: $min, max: $max) {\n      ...CommandFields\n    }\n  }\n": types.AutoscaleWorkersDocument,
    "\n  mutation SetWorkerQueues($input: WorkerCommandInput!, $add: [String!], $remove: [String!]) {\n    setWorkerQueues(input: $input, add: $add, remove: $remove) {\n      ...CommandFields\n    }\n  }\n": types.SetWorkerQueuesDocument,
    "\n  mutation PauseWorkers($input: WorkerCommandInput!) {\n    pauseWorkers(input: $input) {\n      ...CommandFields\n    }\n  }\n": types.PauseWorkersDocument,
    "\n  mutation ResumeWorkers($input: WorkerCommandInput!) {\n    resumeWorkers(input: $input) {\n      ...CommandFields\n    }\n  }\n": types.ResumeWorkersDocument,
    "\n  mutation SetWorkerLogLevel($input: WorkerCommandInput!, $level: LogLevel!) {\n    setWorkerLogLevel(input: $input, level: $level) {\n      ...CommandFields\n    }\n  }\n": types.SetWorkerLogLevelDocument,
    "\n  mutation ResetWorkerSettings($input: WorkerCommandInput!, $settings: [WorkerSetting!]) {\n    resetWorkerSettings(input: $input, settings: $settings) {\n      ...CommandFields\n    }\n  }\n": types.ResetWorkerSettingsDocument,
    "\n  mutation RestartWorkerPools($input: WorkerCommandInput!) {\n    restartWorkerPools(input: $input) {\n      ...CommandFields\n    }\n  }\n": types.RestartWorkerPoolsDocument,
    "\n  mutation ShutdownWorkers($input: WorkerCommandInput!, $drain: Boolean!) {\n    shutdownWorkers(input: $input, drain: $drain) {\n      ...CommandFields\n    }\n  }\n": types.ShutdownWorkersDocument,
    "\n  mutation SetTaskRateLimit($name: String!, $rateLimit: String) {\n    setTaskRateLimit(name: $name, rateLimit: $rateLimit) {\n      ...CommandFields\n    }\n  }\n": types.SetTaskRateLimitDocument,
    "\n  mutation SetTaskTimeLimit($name: String!, $soft: Duration, $hard: Duration) {\n    setTaskTimeLimit(name: $name, soft: $soft, hard: $hard) {\n      ...CommandFields\n    }\n  }\n": types.SetTaskTimeLimitDocument,
    "\n  mutation PauseTask($name: String!) {\n    pauseTask(name: $name) {\n      ...CommandFields\n    }\n  }\n": types.PauseTaskDocument,
    "\n  mutation ResumeTask($name: String!) {\n    resumeTask(name: $name) {\n      ...CommandFields\n    }\n  }\n": types.ResumeTaskDocument,
    "\n  query ReadLimits($name: String!) {\n    taskDefinition(name: $name) {\n      name\n      rateLimit\n      timeLimit\n      softTimeLimit\n      overridden\n    }\n  }\n": types.ReadLimitsDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListDefinitions {\n    taskDefinitions {\n      name\n      description\n      queue\n      priority\n      mutationField\n      deprecationReason\n      timeLimit\n      retry {\n        maxAttempts\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ListDefinitionsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReadDefinition($name: String!) {\n    taskDefinition(name: $name) {\n      name\n      inputSchema\n      sensitive\n    }\n  }\n"): typeof import('./graphql.ts').ReadDefinitionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListNames {\n    taskDefinitions {\n      name\n    }\n  }\n"): typeof import('./graphql.ts').ListNamesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment TaskFields on Task {\n    id\n    name\n    state\n    queue\n    priority\n    attempt\n    maxAttempts\n    args\n    result\n    resultGone\n    error {\n      type\n      message\n      retryable\n      causes {\n        type\n        message\n      }\n    }\n    progress {\n      current\n      total\n      percent\n      message\n    }\n    workerName\n    tags\n    uniqueKey\n    idempotencyKey\n    createdAt\n    runAt\n    expiresAt\n    revokedBy\n    revokeReason\n    startedAt\n    finishedAt\n    runTime\n    waitTime\n  }\n"): typeof import('./graphql.ts').TaskFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReadTask($id: ID!) {\n    task(id: $id) {\n      ...TaskFields\n    }\n  }\n"): typeof import('./graphql.ts').ReadTaskDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListLiveWorkers {\n    workers(statuses: [ONLINE, DRAINING, PAUSED]) {\n      definitions\n    }\n  }\n"): typeof import('./graphql.ts').ListLiveWorkersDocument;
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
export function graphql(source: "\n  query ListQueues {\n    queues {\n      ...QueueFields\n    }\n  }\n"): typeof import('./graphql.ts').ListQueuesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment QueueFields on Queue {\n    name\n    paused\n    waiting\n    scheduled\n    active\n    latency\n    concurrencyLimit\n    rateLimit\n  }\n"): typeof import('./graphql.ts').QueueFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment QueueChange on QueuePayload {\n    queue {\n      ...QueueFields\n    }\n    affectedCount\n    errors {\n      code\n      message\n      path\n      hint\n    }\n  }\n"): typeof import('./graphql.ts').QueueChangeFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReadQueue($name: String!) {\n    queue(name: $name) {\n      ...QueueFields\n    }\n  }\n"): typeof import('./graphql.ts').ReadQueueDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PauseQueue($name: String!) {\n    pauseQueue(name: $name) {\n      ...QueueChange\n    }\n  }\n"): typeof import('./graphql.ts').PauseQueueDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ResumeQueue($name: String!) {\n    resumeQueue(name: $name) {\n      ...QueueChange\n    }\n  }\n"): typeof import('./graphql.ts').ResumeQueueDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetQueueLimits($name: String!, $concurrency: Int, $rateLimit: String) {\n    setQueueLimits(name: $name, concurrency: $concurrency, rateLimit: $rateLimit) {\n      ...QueueChange\n    }\n  }\n"): typeof import('./graphql.ts').SetQueueLimitsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PurgeQueue($name: String!, $confirm: String!) {\n    purgeQueue(name: $name, confirm: $confirm) {\n      ...QueueChange\n    }\n  }\n"): typeof import('./graphql.ts').PurgeQueueDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation BroadcastTask($input: EnqueueTaskInput!, $workers: [String!]) {\n    broadcastTask(input: $input, workers: $workers) {\n      workers\n      tasks {\n        ...TaskFields\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n"): typeof import('./graphql.ts').BroadcastTaskDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ExplainTask($input: EnqueueTaskInput!) {\n    explainTask(input: $input) {\n      accepted\n      errors {\n        code\n        message\n        path\n        hint\n      }\n      queue\n      queueDecidedBy\n      priority\n      priorityDecidedBy\n      route\n      maxAttempts\n      timeLimit\n      softTimeLimit\n      runAt\n      expiresAt\n      duplicateOf {\n        id\n        state\n      }\n      duplicateKey\n      queuePaused\n      waitingBefore\n      workers {\n        name\n        status\n      }\n      problem\n    }\n  }\n"): typeof import('./graphql.ts').ExplainTaskDocument;
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
export function graphql(source: "\n  query ReadTaskSchemas {\n    server {\n      timeZone\n    }\n    taskDefinitions {\n      name\n      inputSchema\n      sensitive\n    }\n  }\n"): typeof import('./graphql.ts').ReadTaskSchemasDocument;
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
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListTasks($filter: TaskFilter, $first: Int, $after: String, $orderBy: TaskOrder) {\n    tasks(filter: $filter, first: $first, after: $after, orderBy: $orderBy) {\n      nodes {\n        id\n        name\n        state\n        queue\n        priority\n        attempt\n        maxAttempts\n        workerName\n        tags\n        createdAt\n        runAt\n        startedAt\n        finishedAt\n        runTime\n        waitTime\n        error {\n          type\n          message\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ListTasksDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeTasks($select: TaskSelection!, $terminate: Boolean!, $reason: String) {\n    revokeTasks(select: $select, terminate: $terminate, reason: $reason) {\n      affectedCount\n      skippedCount\n      tasks {\n        id\n        state\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n"): typeof import('./graphql.ts').RevokeTasksDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RetryTasks($select: TaskSelection!, $args: JSON, $queue: String) {\n    retryTasks(select: $select, args: $args, queue: $queue) {\n      affectedCount\n      skippedCount\n      tasks {\n        id\n        state\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n"): typeof import('./graphql.ts').RetryTasksDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RunTasksNow($select: TaskSelection!) {\n    runTasksNow(select: $select) {\n      affectedCount\n      skippedCount\n      tasks {\n        id\n        state\n      }\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n"): typeof import('./graphql.ts').RunTasksNowDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteTasks($select: TaskSelection!) {\n    deleteTasks(select: $select) {\n      deletedCount\n      skippedCount\n      errors {\n        code\n        message\n        path\n        hint\n      }\n    }\n  }\n"): typeof import('./graphql.ts').DeleteTasksDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment CommandFields on WorkerCommandPayload {\n    replies {\n      worker\n      ok\n      value\n      error\n    }\n    silent\n    errors {\n      code\n      message\n      path\n      hint\n    }\n  }\n"): typeof import('./graphql.ts').CommandFieldsFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PingWorkers($input: WorkerCommandInput!) {\n    pingWorkers(input: $input) {\n      ...CommandFields\n    }\n  }\n"): typeof import('./graphql.ts').PingWorkersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ResizeWorkerPool($input: WorkerCommandInput!, $concurrency: Int!) {\n    resizeWorkerPool(input: $input, concurrency: $concurrency) {\n      ...CommandFields\n    }\n  }\n"): typeof import('./graphql.ts').ResizeWorkerPoolDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AutoscaleWorkers($input: WorkerCommandInput!, $min: Int!, $max: Int!) {\n    autoscaleWorkers(input: $input, min: $min, max: $max) {\n      ...CommandFields\n    }\n  }\n"): typeof import('./graphql.ts').AutoscaleWorkersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetWorkerQueues($input: WorkerCommandInput!, $add: [String!], $remove: [String!]) {\n    setWorkerQueues(input: $input, add: $add, remove: $remove) {\n      ...CommandFields\n    }\n  }\n"): typeof import('./graphql.ts').SetWorkerQueuesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PauseWorkers($input: WorkerCommandInput!) {\n    pauseWorkers(input: $input) {\n      ...CommandFields\n    }\n  }\n"): typeof import('./graphql.ts').PauseWorkersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ResumeWorkers($input: WorkerCommandInput!) {\n    resumeWorkers(input: $input) {\n      ...CommandFields\n    }\n  }\n"): typeof import('./graphql.ts').ResumeWorkersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetWorkerLogLevel($input: WorkerCommandInput!, $level: LogLevel!) {\n    setWorkerLogLevel(input: $input, level: $level) {\n      ...CommandFields\n    }\n  }\n"): typeof import('./graphql.ts').SetWorkerLogLevelDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ResetWorkerSettings($input: WorkerCommandInput!, $settings: [WorkerSetting!]) {\n    resetWorkerSettings(input: $input, settings: $settings) {\n      ...CommandFields\n    }\n  }\n"): typeof import('./graphql.ts').ResetWorkerSettingsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RestartWorkerPools($input: WorkerCommandInput!) {\n    restartWorkerPools(input: $input) {\n      ...CommandFields\n    }\n  }\n"): typeof import('./graphql.ts').RestartWorkerPoolsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ShutdownWorkers($input: WorkerCommandInput!, $drain: Boolean!) {\n    shutdownWorkers(input: $input, drain: $drain) {\n      ...CommandFields\n    }\n  }\n"): typeof import('./graphql.ts').ShutdownWorkersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetTaskRateLimit($name: String!, $rateLimit: String) {\n    setTaskRateLimit(name: $name, rateLimit: $rateLimit) {\n      ...CommandFields\n    }\n  }\n"): typeof import('./graphql.ts').SetTaskRateLimitDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetTaskTimeLimit($name: String!, $soft: Duration, $hard: Duration) {\n    setTaskTimeLimit(name: $name, soft: $soft, hard: $hard) {\n      ...CommandFields\n    }\n  }\n"): typeof import('./graphql.ts').SetTaskTimeLimitDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PauseTask($name: String!) {\n    pauseTask(name: $name) {\n      ...CommandFields\n    }\n  }\n"): typeof import('./graphql.ts').PauseTaskDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ResumeTask($name: String!) {\n    resumeTask(name: $name) {\n      ...CommandFields\n    }\n  }\n"): typeof import('./graphql.ts').ResumeTaskDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReadLimits($name: String!) {\n    taskDefinition(name: $name) {\n      name\n      rateLimit\n      timeLimit\n      softTimeLimit\n      overridden\n    }\n  }\n"): typeof import('./graphql.ts').ReadLimitsDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
