import { show } from "../../lib/quote.ts";
import { Arg, Ctx, Int, Query, Resolver } from "type-graphql";
import { requireRange } from "../arguments.ts";
import { type Page, pageOf } from "../page.ts";
import type { ControlStore } from "../../store/workers/control-store.ts";
import type { ControlEntry } from "../../task/records/control.ts";
import type { GraphqlContext } from "../context.ts";
import { badUserInput } from "../errors.ts";
import { ControlLogConnectionType } from "./control-types.ts";

const DEFAULT_SIZE = 50;
const MAX_SIZE = 200;

interface ControlLogConnection extends Page<ControlEntry> {
  totalCount(): Promise<number>;
}

@Resolver()
export class ControlResolver {
  @Query(() => ControlLogConnectionType, {
    description:
      "Lists commands to workers and task definitions, newest first. The log keeps the last 10,000 commands of the last 90 days.",
  })
  controlLog(
    @Arg("first", () => Int, {
      nullable: true,
      defaultValue: DEFAULT_SIZE,
      description: "Number of commands to return: 1 to 200.",
    })
    first: number | null | undefined,
    @Arg("after", () => String, { nullable: true, description: "Returns only commands after this cursor." })
    after: string | null | undefined,
    @Ctx() { services }: GraphqlContext,
  ): Promise<ControlLogConnection> {
    return readPage(services.control, first ?? DEFAULT_SIZE, after ?? null);
  }
}

async function readPage(
  control: Pick<ControlStore, "log" | "logSize">,
  size: number,
  after: string | null,
): Promise<ControlLogConnection> {
  requireRange("first", size, MAX_SIZE);
  const beforeId = after === null ? undefined : readCursor(after);
  const found = await control.log(size + 1, beforeId);
  return {
    ...pageOf(found, { size, isFirst: beforeId === undefined, cursorOf: ({ id }) => String(id) }),
    totalCount: () => control.logSize(),
  };
}

function readCursor(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw badUserInput(`after: expected a cursor of this list, got ${show(cursor)}. Take one from pageInfo.`);
}
