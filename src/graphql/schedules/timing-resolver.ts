import { Arg, Ctx, Int, Query, Resolver } from "type-graphql";
import { previewTiming } from "../../task/timing/preview.ts";
import type { Language } from "../../task/timing/words.ts";
import type { GraphqlContext } from "../context.ts";
import { requireRange } from "../arguments.ts";
import { toUserErrors } from "../errors.ts";
import { TimingInput, toTiming } from "./timing-input.ts";
import { TimeZoneScalar } from "../scalars.ts";
import { LanguageEnum, TimingPreviewType } from "./timing-type.ts";

const MOST_RUNS = 100;

@Resolver()
export class TimingResolver {
  @Query(() => TimingPreviewType, {
    description: "Previews a timing without creating a schedule.",
  })
  async previewTiming(
    @Arg("timing", () => TimingInput, { description: "The timing to preview." }) timing: TimingInput,
    @Arg("timeZone", () => TimeZoneScalar, {
      nullable: true,
      description: "Time zone of a crontab. Defaults to the server's.",
    })
    timeZone: string | null | undefined,
    @Arg("count", () => Int, { defaultValue: 5, description: `Number of runs to return: 1 to ${MOST_RUNS}.` })
    count: number,
    @Arg("language", () => LanguageEnum, { defaultValue: "EN", description: "The language of `summary`." })
    language: Language,
    @Ctx() { services, turns }: GraphqlContext,
  ): Promise<TimingPreviewType> {
    requireRange("count", count, MOST_RUNS);
    const request = {
      timing: toTiming(timing),
      timeZone: timeZone ?? services.info.timeZone,
      count,
      language,
      now: services.clock.now(),
      path: ["timing"],
    };
    const { issues, ...preview } = await turns.run(() => previewTiming(request));
    return { ...preview, errors: toUserErrors({ issues }) };
  }
}
