import type { GraphqlContext } from "../context.ts";
import { toGraphqlError } from "../errors.ts";

interface SubscribeData<Arguments> {
  readonly args: Arguments;
  readonly context: GraphqlContext;
}

/** A `subscribe` function whose refusals reach the client: type-graphql's middlewares run for events only. */
export function opening<Arguments>(
  open: (
    args: Arguments,
    context: GraphqlContext,
  ) => AsyncIterable<unknown> | Promise<AsyncIterable<unknown>>,
): (data: SubscribeData<Arguments>) => Promise<AsyncIterable<unknown>> {
  return async ({ args, context }) => {
    try {
      return await open(args, context);
    } catch (error) {
      throw toGraphqlError(error);
    }
  };
}
