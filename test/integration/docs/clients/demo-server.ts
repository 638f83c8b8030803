import { add, myTask } from "../../../../src/demo/demo.tasks.ts";
import { embedded } from "../../../support/deployments.ts";

export interface DemoServer extends AsyncDisposable {
  /** Base URL, as the pages write `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly token: string;
}

/** Origin of a web page that may use the server. */
export const PAGE_ORIGIN = "https://app.example.com";

/** A server with demo tasks, on the embedded database, that requires a token. */
export async function startDemoServer(): Promise<DemoServer> {
  const token = "a-token-of-the-documentation";
  const deployment = await embedded();
  const settings = { token, allowedOrigins: PAGE_ORIGIN };
  const app = await deployment.app([add, myTask], ["maintenance", "worker", "server"], settings);
  return {
    url: app.describe().url!,
    token,
    [Symbol.asyncDispose]: () => deployment[Symbol.asyncDispose](),
  };
}
