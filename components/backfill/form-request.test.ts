import { expect, it } from "vitest";
import { type BackfillDraft, boundFor, firstDraft, readDraft } from "./form-request.ts";

const fresh = {
  earlier: null,
  sets: null,
  schedules: [],
  latest: null,
  run: { timezone: "UTC" },
  now: "2026-03-31T09:00:00Z",
};
const daily = {
  position: 1,
  cron: "0 2 * * *",
  words: null,
  timezone: "Asia/Seoul",
  start: null as string | null,
  end: null as string | null,
  params: {},
};

const draft: BackfillDraft = {
  ...firstDraft(fresh),
  from: "2012-01-01",
  to: "2016-01-01",
};

it("begins with the thirty days until today in the flow's zone", () => {
  const run = { timezone: "Asia/Seoul" };
  const seoul = firstDraft({ ...fresh, schedules: [daily], run, now: "2026-03-31T20:00:00Z" });
  expect([seoul.from, seoul.to, seoul.step]).toEqual(["2026-03-02", "2026-04-01", "schedule"]);
});

it("proposes days of a schedule that has ended, none of them before its start", () => {
  const run = { timezone: "Asia/Seoul" };
  const end = "2015-12-31T15:00:00.000Z";
  const datesOf = (start: string | null) => {
    const { from, to } = firstDraft({ ...fresh, schedules: [{ ...daily, start, end }], run });
    return [from, to];
  };
  expect(datesOf(null)).toEqual(["2015-12-02", "2016-01-01"]);
  expect(datesOf("2015-12-19T15:00:00.000Z")).toEqual(["2015-12-20", "2016-01-01"]);
});

it("proposes days until the latest interval of a flow without schedules", () => {
  const latest = { start: "2014-06-30T00:00:00.000Z", end: "2014-07-01T00:00:00.000Z" };
  const old = firstDraft({ ...fresh, latest });
  expect([old.from, old.to]).toEqual(["2014-06-01", "2014-07-01"]);
  const scheduled = firstDraft({ ...fresh, latest, schedules: [daily] });
  expect(scheduled.to).toBe("2026-03-31");
});

it("proposes nothing where nothing says which days have data", () => {
  const { from, to, step } = firstDraft(fresh);
  expect({ from, to, step }).toEqual({ from: "", to: "", step: "day" });
});

it("reads a range, and leaves out what was left empty", () => {
  expect(readDraft(draft)).toEqual({
    ok: true,
    request: {
      from: "2012-01-01",
      to: "2016-01-01",
      step: "day",
      order: "asc",
      concurrency: 4,
      reprocess: "failed",
    },
  });
});

it("names the schedule that gives the intervals, and only then", () => {
  const read = readDraft({ ...draft, step: "schedule", schedule: 2 });
  expect(read.ok && read.request).toMatchObject({ step: "schedule", schedule: 2 });
  expect(readDraft(draft)).not.toHaveProperty("request.schedule");
});

it("brings back sets of parameters, one on each line, as they are read again", () => {
  const sets = [{ station: "portland" }, {}, { station: "seattle", unit: "f" }];
  const again = firstDraft({ ...fresh, sets });
  expect(again.sets.split("\n")).toHaveLength(3);
  const read = readDraft({ ...again, kind: "sets" });
  expect(read.ok && read.request.sets).toEqual(sets);
});

it("reads one set of parameters from each line that is not empty", () => {
  const read = readDraft({ ...draft, kind: "sets", sets: '{"a":1}\n\n{"a":2}\n' });
  expect(read.ok && read.request.sets).toEqual([{ a: 1 }, { a: 2 }]);
});

it.each([
  { change: { to: "" }, field: "to", why: "there is no end" },
  { change: { concurrency: "0" }, field: "concurrency", why: "nothing would run" },
  { change: { concurrency: "" }, field: "concurrency", why: "it must be said" },
  { change: { canary: "1.5" }, field: "canary", why: "no half intervals" },
  { change: { kind: "sets" as const, sets: "{}\n[1]" }, field: "sets", why: "a list is no set" },
  { change: { kind: "sets" as const, sets: " " }, field: "sets", why: "no set at all" },
])("refuses a draft at $field: $why", ({ change, field }) => {
  const read = readDraft({ ...draft, ...change });
  expect(read.ok ? [] : read.faults.map((fault) => fault.field)).toEqual([field]);
});

it.each([
  { step: "hour" as const, text: "2012-01-01", want: "2012-01-01T00:00" },
  { step: "day" as const, text: "2012-01-01T06:00", want: "2012-01-01" },
  { step: "day" as const, text: "", want: "" },
])("writes $text as $want for $step", ({ step, text, want }) => {
  expect(boundFor(step, text)).toBe(want);
});
