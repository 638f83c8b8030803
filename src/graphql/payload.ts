import { Field, InterfaceType, ObjectType } from "type-graphql";
import { UserErrorType } from "./user-error.ts";

@InterfaceType("MutationPayload", {
  description:
    "The result of a mutation. If the request was refused, `errors` has the reasons and nothing was changed.",
})
export abstract class MutationPayloadType {
  @Field(() => [UserErrorType], { description: "Errors of the request. Empty if it succeeded." })
  readonly errors!: readonly UserErrorType[];
}

/**
 * Makes the payload type of a mutation whose fields are those of interfaces, and returns it as a
 * decorator takes it. Every mutation has its own type, so that it can get further fields later.
 *
 * @param mutation the mutation's name with a capital, such as `"PauseQueue"`
 */
export function payloadOf(
  mutation: string,
  ...interfaces: readonly (typeof MutationPayloadType)[]
): () => Function {
  class Payload extends MutationPayloadType {}
  const field = mutation[0]!.toLowerCase() + mutation.slice(1);
  ObjectType(`${mutation}Payload`, {
    implements: [MutationPayloadType, ...interfaces],
    simpleResolvers: true,
    description: `The result of \`${field}\`.`,
  })(Payload);
  return () => Payload;
}
