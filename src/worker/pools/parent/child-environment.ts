/** The environment of a child: that of its worker, without the keys that open what is hidden. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const { LOVAGE_ENCRYPTION_KEYS: _, ...environment } = process.env;
  return environment;
}
