import { readFileSync } from "node:fs";
import { type ConnectionOptions, createSecureContext } from "node:tls";

const SSL_MODES = ["require", "verify-ca", "verify-full"] as const;

/** Parameters that name a file for TLS: what it is to Node, and what a file of that kind holds. */
const FILES = {
  sslrootcert: { option: "ca", holds: "a certificate", pattern: /-----BEGIN [A-Z ]*CERTIFICATE-----/ },
  sslcert: { option: "cert", holds: "a certificate", pattern: /-----BEGIN [A-Z ]*CERTIFICATE-----/ },
  sslkey: { option: "key", holds: "a private key", pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
} as const;

/** Names of the parameters that are read here. */
export const TLS_PARAMETERS = ["sslmode", ...Object.keys(FILES)] as const;

/**
 * What a URL's parameters say about TLS, in libpq's words. `sslmode`: `require` encrypts and trusts anyone, `verify-ca` asks for a
 * certificate of a known authority, `verify-full` (the default) also for the host's name in it. `sslrootcert`, `sslcert` and `sslkey`
 * name PEM files: the authority, our certificate, its key. The files are read now, and again by nobody.
 *
 * @param report is told each mistake as the end of a sentence that begins with what the URL is called
 */
export function readTlsParameters(
  parameters: URLSearchParams,
  report: (problem: string) => void,
): ConnectionOptions {
  const named = parameters.get("sslmode");
  const mode = named === null ? "verify-full" : SSL_MODES.find((known) => known === named);
  if (mode === undefined) {
    report(`has the sslmode ${JSON.stringify(named!.slice(0, 40))}. Take one of ${SSL_MODES.join(", ")}.`);
  }
  return {
    ...readTlsFiles(parameters, report),
    rejectUnauthorized: mode !== "require",
    ...(mode === "verify-full" ? {} : { checkServerIdentity: () => undefined }),
  };
}

/** The files alone: `ca`, `cert`, `key`. */
export function readTlsFiles(
  parameters: URLSearchParams,
  report: (problem: string) => void,
): ConnectionOptions {
  const problems: string[] = [];
  const files: Record<string, string> = {};
  for (const [name, { option, holds, pattern }] of Object.entries(FILES)) {
    const path = parameters.get(name);
    if (path === null) continue;
    const text = readText(path, (reason) =>
      problems.push(
        `names the ${name} ${JSON.stringify(path)}, which cannot be read (${reason}). Correct the path.`,
      ),
    );
    if (text !== null && !pattern.test(text)) {
      problems.push(
        `names the ${name} ${JSON.stringify(path)}, which does not hold ${holds} in PEM form. Name one that does.`,
      );
    }
    if (text !== null) files[option] = text;
  }
  if (parameters.has("sslcert") !== parameters.has("sslkey")) {
    problems.push("has one of sslcert and sslkey; they go together. Add the other one.");
  }
  if (problems.length === 0) checkPair(files, (problem) => problems.push(problem));
  problems.forEach(report);
  return files;
}

function readText(path: string, onFailure: (reason: string) => void): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    onFailure((error as NodeJS.ErrnoException).code ?? "unreadable");
    return null;
  }
}

/** A key of another certificate, or one behind a passphrase, would only show at the first handshake. */
function checkPair(files: ConnectionOptions, report: (problem: string) => void): void {
  try {
    createSecureContext(files);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    report(
      `names TLS files that cannot be used (${reason}). Name a certificate with its own key, without a passphrase.`,
    );
  }
}
