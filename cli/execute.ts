import { CommanderError } from "commander";
import { apiSettings, toFailure } from "./api.ts";
import type { Surroundings } from "./context.ts";
import { type ExitCode, exitCodes, Failure } from "./failure.ts";
import { Output, type Streams } from "./output.ts";
import { buildProgram } from "./program.ts";

export interface Invocation {
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  streams: Streams;
}

/** Executes one command line. @returns the exit code; every error has been told */
export async function execute({ args, env, cwd, streams }: Invocation): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok;
  const surroundings: Surroundings = {
    streams,
    env,
    cwd,
    exitWith: (wanted) => {
      code = wanted;
    },
  };
  try {
    await buildProgram(surroundings).parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok;
    const failure = understand(error, env);
    // The command line may be what is wrong, so it is only looked at for the flag.
    new Output(args.includes("--json"), streams).failure(failure);
    return failure.exitCode;
  }
}

function understand(error: unknown, env: Invocation["env"]): Failure {
  if (error instanceof Failure) return error;
  return toFailure(error, apiSettings(env).url);
}
