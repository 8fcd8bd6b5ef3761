import { describe, expect, it } from "vitest";
import { adviseRetries, type TaskHistory, type TaskRecord } from "./advise-retries.ts";
import type { AttemptError } from "./attempt-view.ts";

const exit = (exitCode: number, message = `exit code ${exitCode}`): AttemptError => ({
  kind: "exit",
  message,
  exitCode,
});

/**
 * Task runs told as text: `f` failed, `t` timed out, `s` succeeded. Attempts last a second each,
 * with a second between them. What does not end in `s` failed.
 */
function histories(count: number, told: string, error = exit(1)): TaskHistory[] {
  return Array.from({ length: count }, (_, index) => ({
    run: String(1_000 - index),
    failed: !told.endsWith("s"),
    attempts: [...told].map((letter, n) => ({
      state: letter === "s" ? "succeeded" : letter === "t" ? "timed_out" : "failed",
      startedAt: n * 2_000,
      finishedAt: n * 2_000 + 1_000,
      error: letter === "s" ? null : error,
    })),
  }));
}

const record = (over: Partial<TaskRecord>): TaskRecord => ({
  task: "load",
  allowed: 3,
  firstTime: 100,
  histories: [],
  reruns: { tries: 0, successes: 0 },
  ...over,
});

describe("the verdict", () => {
  it.each<{ want: [string | null, number | null]; why: string; given: Partial<TaskRecord> }>([
    {
      given: { histories: histories(19, "f") },
      want: [null, null],
      why: "nothing with fewer than 20 failures",
    },
    {
      given: { histories: [...histories(6, "fff"), ...histories(1, "fs")] },
      want: [null, null],
      why: "19 failures of 7 task runs are fewer than 20 as well",
    },
    {
      given: { histories: histories(7, "fff") },
      want: ["too_many", 1],
      why: "21 failures, and none of 14 retries helped",
    },
    {
      given: { allowed: 5, histories: [...histories(15, "fs"), ...histories(10, "fffff")] },
      want: ["too_many", 2],
      why: "the second try helps, the third to fifth never do",
    },
    {
      given: { allowed: 4, histories: [...histories(30, "fs"), ...histories(1, "ffff")] },
      want: ["fine", null],
      why: "two useless tries are no proof",
    },
    {
      given: { allowed: 4, histories: [...histories(39, "ff"), ...histories(1, "ffs")] },
      want: ["too_many", 1],
      why: "one success in forty is still hopeless",
    },
    {
      given: { allowed: 4, histories: [...histories(20, "fffs"), ...histories(1, "ffff")] },
      want: ["fine", null],
      why: "only the fourth try helps, but it does",
    },
    {
      given: { allowed: 2, histories: [...histories(12, "fs"), ...histories(8, "ff")] },
      want: ["too_few", 3],
      why: "the last try still succeeds in 60% of cases, and eight used all up",
    },
    {
      given: { allowed: 2, histories: [...histories(20, "fs"), ...histories(4, "ff")] },
      want: ["fine", null],
      why: "hardly anybody needs another try",
    },
    {
      given: { allowed: 2, histories: [...histories(8, "fs"), ...histories(12, "ff")] },
      want: ["fine", null],
      why: "40% at the last try does not ask for more",
    },
    {
      given: { allowed: 1, histories: histories(25, "f") },
      want: [null, null],
      why: "nobody has ever tried again",
    },
    {
      given: { allowed: 1, histories: histories(25, "f"), reruns: { tries: 20, successes: 16 } },
      want: ["too_few", 2],
      why: "people rerun it by hand, and that helps",
    },
    {
      given: { allowed: 1, histories: histories(25, "f"), reruns: { tries: 20, successes: 2 } },
      want: ["fine", null],
      why: "people rerun it by hand, and it does not help",
    },
    {
      given: { allowed: 1, histories: histories(10, "fff") },
      want: ["fine", null],
      why: "the retries that did not help are abolished already",
    },
    {
      given: { allowed: 1, histories: histories(25, "fs") },
      want: ["too_few", 2],
      why: "an earlier policy had a retry, and it helped",
    },
    {
      given: { allowed: 2, histories: [...histories(12, "ffs"), ...histories(9, "ff")] },
      want: ["too_few", 3],
      why: "an earlier policy had a third attempt, which always succeeded",
    },
    {
      given: { allowed: 3, histories: histories(10, "tts") },
      want: ["fine", null],
      why: "timeouts are failures like others",
    },
  ])("is $want: $why", ({ given, want }) => {
    const { verdict, proposed } = adviseRetries(record(given));
    expect([verdict, proposed]).toEqual(want);
  });

  it("says which silence it is, and shows no evidence for nothing", () => {
    const few = adviseRetries(record({ histories: histories(3, "f") }));
    expect(few).toMatchObject({ silence: "few_failures", failures: 3, chances: [], errors: [] });
    const never = adviseRetries(record({ allowed: 1, histories: histories(30, "f") }));
    expect(never).toMatchObject({ silence: "never_retried", failures: 30 });
  });
});

describe("the evidence", () => {
  const told = [...histories(20, "fs"), ...histories(10, "fff")];

  it("counts tries and successes of each attempt, first-time successes included", () => {
    expect(adviseRetries(record({ histories: told })).chances).toEqual([
      { attempt: 1, tries: 130, successes: 100 },
      { attempt: 2, tries: 30, successes: 20 },
      { attempt: 3, tries: 10, successes: 0 },
    ]);
  });

  it("adds up hopeless retries from the first failure on, waits included", () => {
    // Two retries of each failed task run: 4 s from the end of the first failure to the last.
    expect(adviseRetries(record({ histories: told })).hopeless).toEqual({
      retries: 20,
      ms: 40_000,
    });
  });

  it("groups errors, and proposes to give up on those that no retry has helped", () => {
    const mixed = [
      ...histories(12, "ff", exit(2, "no such column 17")),
      ...histories(12, "fs", exit(75, "busy, try 3 again")),
      ...histories(6, "ff", { kind: "http", message: "503 of x", status: 503 }),
    ];
    expect(adviseRetries(record({ histories: mixed })).errors).toMatchObject([
      {
        fingerprint: "no such column ‹n›",
        failures: 24,
        retried: 12,
        recovered: 0,
        giveUpOn: "exit:2",
      },
      {
        fingerprint: "busy, try ‹n› again",
        failures: 12,
        retried: 12,
        recovered: 12,
        giveUpOn: null,
      },
      { fingerprint: "‹n› of x", failures: 12, retried: 6, recovered: 0, giveUpOn: null },
    ]);
  });

  it("proposes no rule that would take retries from an error of the same code that they help", () => {
    const mixed = [
      ...histories(12, "ff", exit(1, "bad row")),
      ...histories(12, "fs", exit(1, "busy")),
    ];
    const { errors } = adviseRetries(record({ histories: mixed }));
    expect(errors.map(({ giveUpOn }) => giveUpOn)).toEqual([null, null]);
  });
});
