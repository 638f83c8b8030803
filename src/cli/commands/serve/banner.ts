import type { AppDescription } from "../../../app/calls.ts";
import type { Config } from "../../../config/config.ts";
import { shortPath } from "../../../loading/import-user-file.ts";
import { type Output, plain } from "../../output.ts";

type Line = (title: string, text: string) => string;

const MAX_TASKS = 20;

/** Prints the parts that run and their addresses to stdout; with `--json` as one line of JSON. */
export function printBanner(output: Output, app: AppDescription, config: Config): void {
  if (output.options.quiet) return;
  if (output.json) {
    const definitions = app.definitions.map(({ name, mutationField, queue }) => ({
      name,
      mutationField,
      queue,
    }));
    output.value({ event: "ready", ...app, node: process.versions.node, definitions });
    return;
  }
  const line: Line = (title, text) => `  ${output.paint("bold", title.padEnd(9))} ${plain(text)}`;
  const lines = [
    headLine(output, app, config),
    ...addressLines(app, config, line),
    ...workerLines(app, line),
    ...(app.beat ? [line("Beat", "enqueues the tasks of schedules: lovage schedule list")] : []),
    ...taskLines(app, line),
  ];
  output.data(lines.join("\n"));
}

function headLine(output: Output, { version, broker, database }: AppDescription, config: Config): string {
  const folder = database === "embedded" ? ` (${shortPath(config.embeddedDir, process.cwd())}/)` : "";
  const facts = `Node ${process.versions.node} · broker ${broker} · database ${database}${folder}`;
  return `  ${output.paint("green", `lovage ${version}`)} · ${plain(facts)}`;
}

function addressLines({ url }: AppDescription, config: Config, line: Line): string[] {
  const { token, host, production, trustedDocuments } = config;
  if (url === null) return [];
  const who = token !== null ? "with the token" : `from this machine only (${host})`;
  // GraphiQL sends documents that no manifest has, and is off in production without a token.
  const hasGraphiql = trustedDocuments === null && (!production || token !== null);
  return [
    line("GraphQL", `${url}/graphql   HTTP and WebSocket, ${who}`),
    ...(hasGraphiql ? [line("GraphiQL", `${url}/graphiql`)] : []),
  ];
}

function workerLines({ worker }: AppDescription, line: Line): string[] {
  if (worker === null) return [];
  return [
    line("Worker", `${worker.name}   ${worker.concurrency} slots · queues ${worker.queues.join(", ")}`),
  ];
}

function taskLines({ definitions }: AppDescription, line: Line): string[] {
  const shown = definitions.slice(0, MAX_TASKS).map(({ name, mutationField }, index) => {
    return line(index === 0 ? "Tasks" : "", `${name} (${mutationField ?? "enqueueTask"})`);
  });
  const more = definitions.length - MAX_TASKS;
  return more > 0 ? [...shown, line("", `… and ${more} more: lovage definitions`)] : shown;
}
