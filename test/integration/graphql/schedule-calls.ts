import { expect } from "vitest";
import type { Api, Data } from "./api.ts";

const FIELDS = `id name description enabled taskName args options timeZone startAt endAt maxRuns overlap misfire jitter lastRunAt
  totalRunCount source version createdAt updatedAt createdBy problem summary chinese: summary(language: ZH_CN) nextRuns(count: 2)
  timing { __typename ... on IntervalTiming { every } ... on CrontabTiming { expression } ... on ClockedTiming { at }
           ... on SolarTiming { event latitude longitude } }`;
export const ERRORS = "errors { code message path hint }";
export const CREATE = `mutation ($input: CreateScheduleInput!) { createSchedule(input: $input) { schedule { ${FIELDS} } ${ERRORS} } }`;
const UPDATE = `mutation ($input: UpdateScheduleInput!) { updateSchedule(input: $input) { schedule { ${FIELDS} } ${ERRORS} } }`;

/** The mutations of single schedules, as clients send them. */
export class ScheduleCalls {
  constructor(private readonly api: Api) {}

  /** The payload of `createSchedule`; what is not given is that of an hourly sum. */
  create = async (input: object = {}): Promise<Data> => {
    const timing = { interval: { every: "1h" } };
    const given = { name: "sum", taskName: "math.add", timing, args: { x: 1, y: 2 }, ...input };
    return (await this.api.data(CREATE, { input: given })).createSchedule as Data;
  };

  /** The schedule that was made. */
  made = async (input: object = {}): Promise<Data> => {
    const { schedule, errors } = await this.create(input);
    expect(errors).toEqual([]);
    return schedule as Data;
  };

  /** The payload of `updateSchedule`. */
  update = async (input: object): Promise<Data> => {
    return (await this.api.data(UPDATE, { input })).updateSchedule as Data;
  };

  /** Deletes all there are. */
  clear = async (): Promise<void> => {
    const { schedules, stores } = this.api.services;
    await schedules.remove((await stores.schedules.page({}, 1_000)).map(({ id }) => id));
  };
}
