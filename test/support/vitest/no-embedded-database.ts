// What `@electric-sql/pglite` is in the unit tests: see vitest.config.ts.
throw new Error("The embedded database: not in test/unit. Move the test to test/integration.");
