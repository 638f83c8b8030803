const RUN = "({ name }) => `Hello, ${name}!`";

function esm(kind: string, run = RUN, imports = ""): string {
  return `import { defineTask } from "lovage";
import { z } from "zod";
${imports}
export const task = defineTask({
  name: "kind.${kind}",
  input: z.object({ name: z.string() }),
  run: ${run},
});
`;
}

function cjs(kind: string, run = RUN, imports = ""): string {
  return `const { defineTask } = require("lovage");
const { z } = require("zod");
${imports}
const task = defineTask({ name: "kind.${kind}", input: z.object({ name: z.string() }), run: ${run} });
module.exports = { ["ta" + "sk"]: task };
`;
}

const TYPED = "({ name }: { name: string }): string => `Hello, ${name}!`";
const TYPELESS = "{}";
const COMMONJS = '{ "type": "commonjs" }';
const MODULE = '{ "type": "module" }';

/** Folders of one project, each of another kind, with a task whose name is the folder's. */
export const projectKinds: Readonly<Record<string, string>> = {
  "kinds/typeless/package.json": TYPELESS,
  "kinds/typeless/a.tasks.ts": esm("typeless", TYPED),
  "kinds/typeless-js/package.json": TYPELESS,
  "kinds/typeless-js/a.tasks.js": esm("typeless_js"),
  "kinds/typeless-require/package.json": TYPELESS,
  "kinds/typeless-require/a.tasks.js": cjs("typeless_require"),
  "kinds/commonjs/package.json": COMMONJS,
  "kinds/commonjs/a.tasks.ts": esm("commonjs", TYPED),
  "kinds/commonjs-js/package.json": COMMONJS,
  "kinds/commonjs-js/a.tasks.js": esm("commonjs_js"),
  "kinds/commonjs-require/package.json": COMMONJS,
  "kinds/commonjs-require/a.tasks.js": cjs("commonjs_require"),
  "kinds/commonjs-require-ts/package.json": COMMONJS,
  "kinds/commonjs-require-ts/a.tasks.ts": cjs("commonjs_require_ts", TYPED),
  "kinds/compiled/package.json": COMMONJS,
  "kinds/compiled/a.tasks.js": `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.task = void 0;
const lovage_1 = require("lovage");
const zod_1 = require("zod");
exports.task = (0, lovage_1.defineTask)({ name: "kind.compiled", input: zod_1.z.object({ name: zod_1.z.string() }), run: ${RUN} });
`,
  "kinds/module/package.json": MODULE,
  "kinds/module/a.tasks.ts": esm("module", TYPED),
  "kinds/mts/package.json": COMMONJS,
  "kinds/mts/a.tasks.mts": esm("mts", TYPED),
  "kinds/mjs/package.json": COMMONJS,
  "kinds/mjs/a.tasks.mjs": esm("mjs"),
  "kinds/cts/package.json": MODULE,
  "kinds/cts/a.tasks.cts": cjs("cts", TYPED),
  "kinds/cjs/package.json": MODULE,
  "kinds/cjs/a.tasks.cjs": cjs("cjs"),
  // Imports as the compiler reads them.
  "kinds/helper/package.json": COMMONJS,
  "kinds/helper/a.tasks.ts": esm(
    "helper",
    "({ name }: { name: string }) => hello(greeting, name) + mark",
    'import { hello } from "./hello.js";\nimport { greeting } from "./words";\nimport { mark } from "./mark";',
  ),
  "kinds/helper/hello.ts":
    "export const hello = (greeting: string, name: string): string => `${greeting}, ${name}`;\n",
  "kinds/helper/words/index.ts": 'export const greeting: string = "Hello";\n',
  "kinds/helper/mark.ts": 'export const mark: string = "!";\n',
  // A build beside its sources: found once.
  "kinds/built/package.json": MODULE,
  "kinds/built/src/a.tasks.ts": esm("built", TYPED),
  "kinds/built/dist/a.tasks.js": esm("built"),
  "kinds/built/build/a.tasks.js": esm("built"),
  // Never searched.
  "kinds/built/node_modules/other/a.tasks.js": esm("built"),
};
