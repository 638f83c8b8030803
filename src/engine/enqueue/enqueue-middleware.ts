import { RefusedError } from "../../errors.ts";
import type { EnqueueCall, EnqueueChange, Middleware } from "../../task/definition/middleware.ts";
import type { EnqueueRequest } from "./prepare-task.ts";

/**
 * A request as the middleware leaves it; the first of the list sees it first.
 *
 * @throws RefusedError with the paths of the request, or whatever else a middleware throws
 */
export async function passMiddleware(
  middleware: readonly Middleware[],
  request: EnqueueRequest,
  createdBy: string | null,
  path: readonly string[],
): Promise<EnqueueRequest> {
  const { name, args = {}, options = {} } = request;
  let call: EnqueueCall = { name, args, options, createdBy };
  for (const { enqueue } of middleware) {
    if (!enqueue) continue;
    try {
      const change = await enqueue(call);
      if (change) call = changed(call, change);
    } catch (error) {
      throw error instanceof RefusedError ? within(path, error) : error;
    }
  }
  return { ...request, args: call.args, options: call.options };
}

function changed(
  call: EnqueueCall,
  { args = call.args, options = call.options }: EnqueueChange,
): EnqueueCall {
  return { name: call.name, args, options, createdBy: call.createdBy };
}

function within(path: readonly string[], { issues, moreIssues }: RefusedError): RefusedError {
  const [first, ...rest] = issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
  return new RefusedError([first!, ...rest], { moreIssues });
}
