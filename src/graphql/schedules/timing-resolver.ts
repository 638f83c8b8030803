import { Arg, Ctx, Int, Query, Resolver } from "type-graphql";
import { previewTiming } from "../../task/timing/preview.ts";
import type { Language } from "../../task/timing/words.ts";
import type { GraphqlContext } from "../context.ts";
import { badUserInput, toUserErrors } from "../errors.ts";
import { TimingInput, toTiming } from "./timing-input.ts";
import { TimeZoneScalar } from "../scalars.ts";
import { LanguageEnum } from "../enums.ts";
import { TimingPreviewType } from "./timing-type.ts";

const MOST_RUNS = 100;

@Resolver()
export class TimingResolver {
  @Query(() => TimingPreviewType, {
    description: "What a schedule with this timing would do, without making one.",
  })
  async previewTiming(
    @Arg("timing", () => TimingInput, { description: "When it would be due." }) timing: TimingInput,
    @Arg("timeZone", () => TimeZoneScalar, {
      nullable: true,
      description: "Whose clocks a crontab goes by. Defaults to the server's.",
    })
    timeZone: string | null | undefined,
    @Arg("count", () => Int, { defaultValue: 5, description: `How many runs to tell, 1 to ${MOST_RUNS}.` })
    count: number,
    @Arg("language", () => LanguageEnum, { defaultValue: "EN", description: "What `summary` is written in." })
    language: Language,
    @Ctx() { services, turns }: GraphqlContext,
  ): Promise<TimingPreviewType> {
    if (count < 1 || count > MOST_RUNS) throw badUserInput(`count must be 1..${MOST_RUNS}, got ${count}.`);
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
