import { type Command, CommanderError } from "commander";
import { closest } from "../lib/suggestion.ts";
import { CommandError, EXIT, nameFlags, toFailure } from "./failure.ts";
import { Output } from "./output.ts";
import { commandLine, commandNames, createProgram, optionNames } from "./program.ts";

/** Runs the command line and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<never> {
  endOnOutputFailure();
  let exitCode: number = EXIT.ok;
  const program = createProgram((code) => (exitCode = code));
  try {
    await program.parseAsync(argv);
  } catch (error) {
    exitCode = report(argv, error);
  }
  await written(process.stdout);
  await written(process.stderr);
  // An idle connection or a timer of a task file must not keep the process alive.
  process.exit(exitCode);

  function report(args: readonly string[], error: unknown): number {
    if (error instanceof CommanderError && (error.exitCode === 0 || error.code === "commander.help")) {
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    }
    const cause = error instanceof CommanderError ? toUsageError(program, args, error) : error;
    const failure = toFailure(cause);
    const { exitCode: code, message, hint } = failure;
    const [named, remedy] = [nameFlags(message, args), hint && nameFlags(hint, args)];
    outputOf(args).fail({ exitCode: code, code: failure.code, message: named, hint: remedy }, cause);
    return code;
  }
}

/**
 * Resolves when the system has received all output: a pipe takes 64 KiB at once, and an exit would
 * drop the rest.
 */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}

/**
 * Ends the command when standard output fails. `lovage tasks | head` closes the pipe early, which
 * is not an error; a full disk is. Standard error carries notes and the log only: a serving process
 * continues without them.
 */
function endOnOutputFailure(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    const hint = "Free space there, or redirect the output.";
    const message = `Cannot write to standard output: ${error.message}.`;
    outputOf(process.argv).fail({ exitCode: EXIT.output, code: "CANNOT_WRITE", message, hint }, error);
    process.exit(EXIT.output);
  });
  process.stderr.on("error", () => undefined);
}

/** The output for errors that occur before the options are parsed. */
function outputOf(args: readonly string[]): Output {
  return new Output({
    json: args.includes("--json"),
    quiet: false,
    verbose: args.includes("--verbose"),
    color: !args.includes("--no-color"),
  });
}

/** Commander's error as one sentence, with a suggestion or the help to read. */
function toUsageError(program: Command, args: readonly string[], error: CommanderError): CommandError {
  const [first = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  const message = withoutValues(first).replaceAll("'", '"').replace(/[^.]$/, "$&.");
  const suggested = /Did you mean (?:one of )?([^?]+)\?/.exec(suggestion ?? "")?.[1]?.split(", ");
  const near = nearestWord(program, args, first) ?? suggested?.map((word) => `"${word}"`).join(" or ");
  const hint = near ? `Did you mean ${near}?` : `See \`${commandLine(program, args)} --help\`.`;
  return new CommandError(EXIT.usage, "USAGE", message, hint);
}

/**
 * Suggests what commander does not: general options, and subcommands of a command that also runs by
 * itself.
 */
function nearestWord(program: Command, args: readonly string[], message: string): string | null {
  const option = /^unknown option '(-[^'=]*)/.exec(message)?.[1];
  if (option !== undefined) return quoted(closest(option, optionNames(program, args)));
  if (!message.startsWith("too many arguments")) return null;
  const commands = commandNames(program, args);
  const near = args.filter((arg) => !arg.startsWith("-")).map((arg) => closest(arg, commands));
  return quoted(near.find((name) => name !== null) ?? null);
}

function quoted(word: string | null): string | null {
  return word === null ? null : `"${word}"`;
}

/**
 * Commander's message without typed values that may be passwords: `--databse-url=postgres://…`, a
 * URL as a command.
 */
function withoutValues(message: string): string {
  return message
    .replace(/^(unknown option '-[^'=]*)=.*'$/s, "$1'")
    .replace(/^(unknown command )'.*(?:@|:\/\/).*'$/s, "$1(not shown, it looks like a URL)");
}
