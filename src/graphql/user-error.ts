import { Field, ObjectType } from "type-graphql";
import { REFUSAL_CODES, type RefusalCode } from "../errors.ts";
import { enumOf } from "./enum-of.ts";

const ErrorCodeEnum = enumOf(REFUSAL_CODES, {
  name: "ErrorCode",
  description: "The kind of an error that a caller can act on. Codes are stable.",
  values: {
    INVALID_INPUT: "A value breaks a rule. The message names the rule.",
    NOT_FOUND: "The object of the request does not exist.",
    ALREADY_EXISTS: "The name is taken.",
    CONFLICT: "A key is held or was used with another input, or the object was changed since it was read.",
    NOT_REGISTERED: "No task definition has this name.",
    ILLEGAL_STATE: "The action is not possible in the current state.",
    QUEUE_FULL: "The app refused the call: the queue accepts no more tasks now.",
    RATE_LIMITED: "The app refused the call: there were too many. Wait and try again.",
    FORBIDDEN: "The app refused the call: the caller is not allowed to do this.",
    NO_WORKER_REPLIED: "No live worker can carry out the request.",
    UNSUPPORTED: "This installation does not support the action.",
  },
});

@ObjectType("UserError", {
  simpleResolvers: true,
  description: "An error that the caller can act on. `code` is stable, `message` is for people.",
})
export class UserErrorType {
  @Field(() => ErrorCodeEnum, { description: "The kind of error." })
  readonly code!: RefusalCode;
  @Field(() => String, { description: "The error: its path in the input, the rule and the value." })
  readonly message!: string;
  @Field(() => [String], {
    nullable: true,
    description: 'The error\'s path in the input, such as `["input","tasks","3","args","to"]`.',
  })
  readonly path!: readonly string[] | null;
  @Field(() => String, { nullable: true, description: "A suggested remedy." })
  readonly hint!: string | null;
}
