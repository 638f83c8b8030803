import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Api, openApi } from "../api.ts";
import { DEFINITIONS } from "../definitions.ts";

let api: Api;
beforeAll(async () => {
  api = await openApi(DEFINITIONS);
  for (const x of [1, 2]) await api.data(`mutation{enqueueMathAdd(input:{x:${x},y:0}){task{id}}}`);
});
afterAll(() => api[Symbol.asyncDispose]());

test("a search that reaches its time limit returns where to continue, in searchedUntil and to clients that only know pageInfo", async () => {
  const read = (after: string | null) =>
    api.data(
      `query($after:String){tasks(first:10,after:$after,filter:{search:"math"}){
        nodes{id} searchedUntil totalCount totalCountIsExact pageInfo{hasNextPage endCursor}}}`,
      { after },
    );
  const full = await read(null);
  expect(full.tasks).toMatchObject({ searchedUntil: null, totalCount: 2, totalCountIsExact: true });
  let now = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => (now += 3_000));
  const { tasks } = await read(null).finally(() => clock.mockRestore());
  expect(tasks.nodes).toHaveLength(2);
  expect(tasks.searchedUntil).toBeTypeOf("string");
  expect(tasks.pageInfo).toEqual({ hasNextPage: true, endCursor: tasks.searchedUntil });
  expect(tasks).toMatchObject({ totalCount: 2, totalCountIsExact: false });
  const rest = await read(tasks.searchedUntil);
  expect(rest.tasks).toMatchObject({ nodes: [], searchedUntil: null, pageInfo: { hasNextPage: false } });
});
