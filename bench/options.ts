/** The command line of the benchmark. */
import { parseArgs } from "node:util";

export interface Options {
  /** Names of the figures to measure; null asks for all. */
  only: ReadonlySet<string> | null;
  /** Folder of recorded WfCommons instances; null leaves the makespan out. */
  wfinstances: string | null;
  /** A tenth of the sizes, to see that everything works. Its figures are worth nothing. */
  quick: boolean;
  /** Folder for CPU profiles of the runners; null takes none. Profiling slows them down. */
  profile: string | null;
}

export class UsageError extends Error {}

/**
 * @param args  the arguments after the program
 * @param known names of all figures
 * @throws UsageError naming what is wrong and what there is instead
 */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values } = parse(args);
  const only = values.only?.split(",").filter((name) => name !== "") ?? null;
  const unknown = only?.filter((name) => !known.includes(name)) ?? [];
  if (only?.length === 0 || unknown.length > 0) {
    throw new UsageError(
      `--only takes names of figures, not "${unknown.join(",")}". There are: ${known.join(", ")}.`,
    );
  }
  return {
    only: only === null ? null : new Set(only),
    wfinstances: values.wfinstances ?? null,
    quick: values.quick ?? false,
    profile: values.profile ?? null,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: "string" },
        wfinstances: { type: "string" },
        quick: { type: "boolean" },
        profile: { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
