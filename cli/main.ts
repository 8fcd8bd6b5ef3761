/** Entry point of the `idem` command. */
import { execute } from "./execute.ts";

// A reader that stops early, such as `head`, ends the command quietly.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await execute({
  args: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  streams: {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  },
});
