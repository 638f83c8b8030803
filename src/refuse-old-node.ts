// The first import of the package: what comes after it may fail on an older Node with a message
// that explains nothing.
import { nodeProblem } from "./node-version.ts";

const problem = nodeProblem();
if (problem !== null) throw new Error(problem);
