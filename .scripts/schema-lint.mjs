// Checks schema.graphql by the rules of graphql-eslint for schemas and for Relay. `npm run
// schema:lint`. docs/api.md explains each exception.
import plugin, { configs, parser } from "@graphql-eslint/eslint-plugin";
import { ESLint } from "eslint";

const { rules: recommended } = configs["flat/schema-recommended"];
const { rules: relay } = configs["flat/schema-relay"];
const [, names] = recommended["@graphql-eslint/naming-convention"];
const {
  "EnumTypeDefinition,EnumTypeExtension": _enums,
  EnumValueDefinition: upperCase,
  ...otherNames
} = names;

const rules = {
  ...recommended,
  ...relay,
  "@graphql-eslint/strict-id-in-types": "off",
  "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
  "@graphql-eslint/relay-edge-types": [
    "error",
    { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false },
  ],
  "@graphql-eslint/naming-convention": [
    "error",
    { ...otherNames, "EnumValueDefinition[parent.name.value!=/Enum$/]": upperCase },
  ],
  // More than the recommended set: a description for each field, argument and value.
  "@graphql-eslint/require-description": [
    "error",
    {
      ...{ types: true, DirectiveDefinition: true, rootField: true },
      ...{ FieldDefinition: true, InputValueDefinition: true, EnumValueDefinition: true },
    },
  ],
  "@graphql-eslint/require-nullable-fields-with-oneof": "error",
  "@graphql-eslint/no-scalar-result-type-on-mutation": "error",
};

const eslint = new ESLint({
  overrideConfigFile: true,
  overrideConfig: [
    {
      files: ["**/*.graphql"],
      plugins: { "@graphql-eslint": plugin },
      languageOptions: {
        parser,
        parserOptions: { graphQLConfig: { schema: "./schema.graphql" } },
      },
      rules,
    },
  ],
});

const [{ messages }] = await eslint.lintFiles(["schema.graphql"]);
for (const { line, column, message, ruleId } of messages)
  process.stdout.write(`schema.graphql:${line}:${column}: ${message} (${ruleId})\n`);
process.exitCode = messages.length === 0 ? 0 : 1;
