import { defineConfig } from "lovage";

// oxlint-disable-next-line import/no-default-export -- a configuration file has one
export default defineConfig({
  middleware: [
    {
      run: async (ctx, next) => {
        ctx.log.info("wrapped", { pid: process.pid });
        return { wrapped: await next() };
      },
    },
  ],
});
