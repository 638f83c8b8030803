import { didYouMean } from "../../lib/suggestion.ts";
import { TLS_PARAMETERS } from "../../lib/net/tls-parameters.ts";

type Parameters = ReadonlyMap<string, string>;
type Report = (problem: string) => void;

/** Read here or by `readDatabaseUrl`. */
const HONOURED: readonly string[] = [
  ...["host", "port", "user", "password", "dbname"],
  ...["ssl", ...TLS_PARAMETERS, "sslnegotiation", "channel_binding"],
  ...["application_name", "fallback_application_name", "options", "connect_timeout"],
];

/** Parameters that have one meaning here, and the values that ask for it. */
const FIXED: Readonly<Record<string, { readonly values: readonly string[]; readonly because: string }>> = {
  client_encoding: { values: ["UTF8", "utf8", "UTF-8", "utf-8"], because: "Lovage speaks UTF-8" },
  gssencmode: { values: ["disable", "prefer"], because: "the driver does not encrypt by GSSAPI" },
  keepalives: { values: ["1"], because: "Lovage needs them to notice a host that vanished" },
  load_balance_hosts: { values: ["disable"], because: "Lovage connects to one host" },
  replication: { values: ["false", "off", "no", "0"], because: "Lovage runs ordinary statements" },
  sslcertmode: { values: ["allow"], because: "sslcert and sslkey select the certificate" },
  sslcompression: { values: ["0"], because: "TLS is not compressed" },
  sslsni: { values: ["1"], because: "the host's name is always sent" },
  target_session_attrs: {
    values: ["any"],
    because: "Lovage connects to one host; name one that always is the primary, such as a proxy",
  },
  uselibpqcompat: { values: ["true"], because: "parameters mean what they mean to libpq" },
};

const TLS_REMEDY = "Write sslmode=verify-full, or sslmode=require to trust any server.";
const OWN_LIMITS = "Lovage has its own limits for hosts that vanish. Remove it.";
/** Parameters of libpq, and of other clients, that have no effect here, and what to do instead. */
const REFUSED: Readonly<Record<string, string>> = {
  hostaddr: "Write the address as the host.",
  passfile: "Write the password into the URL, or set PGPASSFILE.",
  service: "Write the contents of the service file into the URL.",
  servicefile: "Write the contents of the service file into the URL.",
  requiressl: TLS_REMEDY,
  tls: TLS_REMEDY,
  sslcrldir: "Name one file with sslcrl.",
  keepalives_idle: OWN_LIMITS,
  keepalives_interval: OWN_LIMITS,
  keepalives_count: OWN_LIMITS,
  tcp_user_timeout: OWN_LIMITS,
  require_auth: "Write sslmode=verify-full, so that the password is sent to your server only.",
  requirepeer: "Remove it.",
  krbsrvname: "Remove it.",
  gsslib: "Remove it.",
  gssdelegation: "Remove it.",
  sslkeylogfile: "Remove it.",
  min_protocol_version: "Remove it.",
  max_protocol_version: "Remove it.",
  scram_client_key: "Write the password into the URL.",
  scram_server_key: "Write the password into the URL.",
};

const KNOWN = [...HONOURED, ...Object.keys(FIXED), ...Object.keys(REFUSED)];

/**
 * Reports every parameter that would have no effect: one that is passed over in silence may be the
 * one that asked for TLS.
 */
export function checkDatabaseParameters(parameters: Parameters, report: Report): void {
  for (const [name, value] of parameters) {
    const fixed = Object.hasOwn(FIXED, name) ? FIXED[name] : undefined;
    const refused = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
    if (HONOURED.includes(name) || fixed?.values.includes(value)) continue;
    if (fixed)
      report(
        `has a ${name} that is not ${fixed.values.join(" or ")}: ${fixed.because}. Change it or remove it.`,
      );
    else if (refused !== undefined)
      report(`has the parameter ${name}, which Lovage does not read. ${refused}`);
    else report(`has the parameter ${name}, which is not one of PostgreSQL's. ${remedyOf(name)}`);
  }
}

function remedyOf(name: string): string {
  return didYouMean(name, KNOWN, "Remove it.", (near) => near);
}

const MAX_CONNECT_SECONDS = 8;

/** `connect_timeout` in milliseconds; undefined when it is not given. */
export function readConnectTimeout(parameters: Parameters, report: Report): number | undefined {
  const given = parameters.get("connect_timeout");
  if (given === undefined) return undefined;
  const seconds = /^\d{1,6}$/.test(given) ? Number(given) : 0;
  if (seconds >= 1 && seconds <= MAX_CONNECT_SECONDS) return seconds * 1_000;
  report(
    `has a connect_timeout that is not an integer from 1 to ${MAX_CONNECT_SECONDS} (seconds): ` +
      "an operation that waited longer would miss its own deadline. Change it or remove it.",
  );
  return undefined;
}
