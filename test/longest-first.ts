/** The order of test files on a machine that has not run them before and knows no durations. */
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Engine tests that take longest, longest first: one that begins last keeps a core idle at the end. */
const longest = [
  "start/start",
  "engine/runner-killed",
  "engine/runner-stopped",
  "backfill/backfills",
  "schedule/schedules",
  "cli/cli",
  "engine/faults",
  "embedded/cluster",
];

function place({ moduleId }: TestSpecification): number {
  const at = longest.findIndex((name) => moduleId.endsWith(`/${name}.engine.test.ts`));
  return at === -1 ? longest.length : at;
}

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
