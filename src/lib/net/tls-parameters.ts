import { readFileSync } from "node:fs";
// As a namespace: an older Node lacks a name of it, and a named import would fail before the
// version of Node is checked.
import * as tls from "node:tls";
import { type ConnectionOptions, createSecureContext, type SecureVersion } from "node:tls";

/** Modes that encrypt. */
export const TLS_MODES = ["require", "verify-ca", "verify-full"] as const;

const VERSIONS = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const satisfies readonly SecureVersion[];

/** Parameters that name a file for TLS: what it is to Node, and what a file of that kind holds. */
const FILES = {
  sslrootcert: { option: "ca", holds: "a certificate", pattern: /-----BEGIN [A-Z ]*CERTIFICATE-----/ },
  sslcert: { option: "cert", holds: "a certificate", pattern: /-----BEGIN [A-Z ]*CERTIFICATE-----/ },
  sslkey: { option: "key", holds: "a private key", pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  sslcrl: { option: "crl", holds: "a revocation list", pattern: /-----BEGIN X509 CRL-----/ },
} as const;

/** Parameters that name a version of TLS. */
const BOUNDS = { ssl_min_protocol_version: "minVersion", ssl_max_protocol_version: "maxVersion" } as const;

/** Names of the parameters that are read here. */
export const TLS_PARAMETERS: readonly string[] = [
  "sslmode",
  ...Object.keys(FILES),
  "sslpassword",
  ...Object.keys(BOUNDS),
];

type Parameters = ReadonlyMap<string, string>;
type Report = (problem: string) => void;

/**
 * Reads the TLS parameters of a URL, with the names of libpq. `sslmode`: `require` encrypts and
 * trusts any server, unless `sslrootcert` is given: then it is `verify-ca`, which asks for a
 * certificate of a known authority. `verify-full` (the default) also asks for the host's name in
 * it. `sslrootcert`, `sslcert`, `sslkey` and `sslcrl` name PEM files: the authority (`system`:
 * those of the operating system), our certificate, its key (`sslpassword` decrypts it), revoked
 * certificates. The files are read once, now.
 *
 * @param report gets each mistake as the end of a sentence that begins with the URL's name
 */
export function readTlsParameters(parameters: Parameters, report: Report): ConnectionOptions {
  const named = parameters.get("sslmode") ?? "verify-full";
  const mode = TLS_MODES.find((known) => known === named);
  if (mode === undefined) report(`has an sslmode that is not one of ${TLS_MODES.join(", ")}. Correct it.`);
  const roots = parameters.get("sslrootcert");
  if (roots === "system" && mode !== "verify-full")
    report("has sslrootcert=system, which needs sslmode=verify-full. Write that.");
  const verifies = mode !== "require" || roots !== undefined;
  return {
    ...readFiles(parameters, report),
    rejectUnauthorized: verifies,
    ...(mode === "verify-full" ? {} : { checkServerIdentity: () => undefined }),
  };
}

function readFiles(parameters: Parameters, report: Report): ConnectionOptions {
  const problems: string[] = [];
  const read: ConnectionOptions = { ...readBounds(parameters, (problem) => problems.push(problem)) };
  for (const name of Object.keys(FILES) as (keyof typeof FILES)[]) {
    const path = parameters.get(name);
    if (path === undefined) continue;
    if (name === "sslrootcert" && path === "system") read.ca = tls.getCACertificates("system");
    else read[FILES[name].option] = readFile(name, path, (problem) => problems.push(problem));
  }
  const passphrase = parameters.get("sslpassword");
  if (passphrase !== undefined) read.passphrase = passphrase;
  if (parameters.has("sslcert") !== parameters.has("sslkey")) {
    problems.push("has one of sslcert and sslkey; they go together. Add the other one.");
  }
  if (problems.length === 0) checkPair(read, (problem) => problems.push(problem));
  problems.forEach(report);
  return read;
}

function readBounds(parameters: Parameters, report: Report): ConnectionOptions {
  const bounds: Record<string, SecureVersion> = {};
  for (const [name, option] of Object.entries(BOUNDS)) {
    const given = parameters.get(name);
    if (given === undefined) continue;
    const version = VERSIONS.find((known) => known === given);
    if (version === undefined)
      report(`has an ${name} that is not one of ${VERSIONS.join(", ")}. Correct it.`);
    else bounds[option] = version;
  }
  return bounds;
}

function readFile(name: keyof typeof FILES, path: string, report: Report): string | undefined {
  const { holds, pattern } = FILES[name];
  const file = `names the ${name} ${JSON.stringify(path)}`;
  const text = readText(path, (reason) =>
    report(`${file}, which cannot be read (${reason}). Correct the path.`),
  );
  if (text !== undefined && !pattern.test(text))
    report(`${file}, which does not hold ${holds} in PEM form. Name one that does.`);
  return text;
}

function readText(path: string, onFailure: (reason: string) => void): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    onFailure((error as NodeJS.ErrnoException).code ?? "unreadable");
    return undefined;
  }
}

/**
 * A key of another certificate, or one with a wrong passphrase, would only show at the first
 * handshake.
 */
function checkPair(files: ConnectionOptions, report: Report): void {
  try {
    createSecureContext(files);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    report(
      `names TLS files that cannot be used (${reason}). Name a certificate with its own key, and the key's passphrase as sslpassword.`,
    );
  }
}
