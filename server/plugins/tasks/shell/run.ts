import type { RunTask } from "#server/plugins/sdk.ts";

/** One argument of a program may have at most 128 KB on Linux; a longer text goes through a file. */
const MAX_ARGUMENT_BYTES = 100_000;

/** Runs the author's text with /bin/sh as it is: no option is set that was not asked for. */
export const run: RunTask = (context) => {
  const text = String(context.settings.run);
  const command = "/bin/sh";
  return Buffer.byteLength(text) <= MAX_ARGUMENT_BYTES
    ? context.runProgram({ command, args: ["-c", text] })
    : context.runProgram({ command, args: [], script: { name: "script.sh", text } });
};
