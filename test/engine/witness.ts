/**
 * A file outside of the engine that tasks append to: the order of its lines is the order of what
 * really happened. Short appends to one file do not mix and do not get lost.
 */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { TaskSpec } from "#server/core/flow/spec.ts";

export interface WitnessLine {
  run: string;
  task: string;
  attempt: number;
  what: "start" | "beat" | "done";
}

export class Witness {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(path: string): Promise<Witness> {
    await writeFile(path, "");
    return new Witness(path);
  }

  /** A shell task that shows every 20 ms that it is alive, `beats` times. */
  task(beats: number, draft: Partial<TaskSpec> = {}): Partial<TaskSpec> {
    const run = [
      'say() { echo "$IDEM_RUN_ID $IDEM_TASK $IDEM_ATTEMPT $1" >> "$WITNESS"; }',
      "say start; i=0",
      `while [ $i -lt ${beats} ]; do say beat; i=$((i+1)); sleep 0.02; done`,
      "say done",
    ].join("\n");
    return { type: "shell", with: { run }, ...draft, env: { WITNESS: this.path, ...draft.env } };
  }

  lines(): WitnessLine[] {
    return readFileSync(this.path, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [run = "", task = "", attempt = "", what = ""] = line.split(" ");
        return { run, task, attempt: Number(attempt), what: what as WitnessLine["what"] };
      });
  }
}

/** Attempts that did something after a later attempt of the same task run had begun. */
export function overlaps(lines: readonly WitnessLine[]): string[] {
  const newest = new Map<string, number>();
  const found = new Set<string>();
  for (const { run, task, attempt } of lines) {
    const key = `${run} ${task}`;
    const seen = newest.get(key) ?? 0;
    if (attempt < seen)
      found.add(`run ${run}, ${task}: attempt ${attempt} after ${seen} had begun`);
    newest.set(key, Math.max(seen, attempt));
  }
  return [...found];
}
