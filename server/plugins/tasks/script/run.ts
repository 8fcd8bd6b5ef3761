import type { RunTask } from "#server/plugins/sdk.ts";
import type { ScriptLanguage } from "./spec.ts";

interface Interpreter {
  command: string;
  args: readonly string[];
  /** Of the script file; Node takes its extension for the kind of module. */
  name: string;
  title: string;
}

const interpreters: Readonly<Record<ScriptLanguage, Interpreter>> = {
  bash: { command: "bash", args: [], name: "script.bash", title: "Bash" },
  python: { command: "python3", args: ["-u"], name: "script.py", title: "Python 3" },
  // The one that runs Idem: it is always there, and its version is known.
  node: { command: process.execPath, args: [], name: "script.mjs", title: "Node.js" },
};

/** Runs the author's program with the interpreter of its language. */
export const run: RunTask = (context) => {
  const { language, code } = context.settings;
  const { command, args, name, title } = interpreters[language as ScriptLanguage];
  return context.runProgram({
    command,
    args,
    script: { name, text: String(code) },
    missing: `${title} is not installed on this runner: there is no ${command} in its PATH.`,
  });
};
