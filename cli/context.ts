import type { Command } from "commander";
import { type Api, apiSettings, createApi } from "./api.ts";
import type { ExitCode } from "./failure.ts";
import { Output, type Streams } from "./output.ts";

/** What every command works with. */
export interface CommandContext {
  api: Api;
  output: Output;
  /** Folder that relative paths of definitions start from. */
  cwd: string;
  /** Folder whose definitions are stored as they change, as the person wrote it. */
  flowsFolder: string;
  /** Set by a command that did its work and found a failure, such as a failed run. */
  exitWith: (code: ExitCode) => void;
}

export interface Surroundings {
  streams: Streams;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  exitWith: (code: ExitCode) => void;
}

/** The context of the command that is being executed. */
export function contextOf(command: Command, surroundings: Surroundings): CommandContext {
  const { streams, env, cwd, exitWith } = surroundings;
  const json = command.optsWithGlobals().json === true;
  return {
    api: createApi(apiSettings(env)),
    output: new Output(json, streams),
    cwd,
    flowsFolder: env.IDEM_FLOWS || "flows",
    exitWith,
  };
}
