const OLDEST = [22, 18] as const;

/**
 * One line when this Node is too old for the package, else null. Runs, as what imports it first
 * does, on any Node that has modules.
 */
export function nodeProblem(): string | null {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return null;
  return `lovage needs Node ${OLDEST.join(".")} or newer; this is ${process.versions.node}. Install a newer Node.`;
}
