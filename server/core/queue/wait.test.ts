import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTaskEnded, type TaskState, taskStates } from "../run/states.ts";
import { type HeldFacts, type TaskFacts, whyRunWaits, whyWaits } from "./wait.ts";

const ready: TaskFacts = {
  state: "ready",
  needs: [],
  retryAt: null,
  apart: false,
  pool: "db",
  poolSlots: null,
  poolRunning: 0,
  label: "",
  takesSlot: true,
  runners: 1,
  able: 1,
  freeSlots: 1,
};
const free: HeldFacts = {
  held: false,
  earlierRuns: [],
  flow: "etl",
  limit: null,
  active: 0,
};
const at = "2026-01-02T03:04:05.000Z";

describe("whyWaits", () => {
  it.each([
    { task: {}, want: [{ kind: "next" }], why: "nothing keeps it" },
    {
      task: { runners: 0, able: 0, freeSlots: 0, poolSlots: 1, poolRunning: 1 },
      want: [{ kind: "no_runner" }],
      why: "nothing else matters while no runner is up",
    },
    {
      task: { label: "gpu", able: 0, freeSlots: 0 },
      want: [{ kind: "label", label: "gpu" }],
      why: "slots of runners that cannot take it do not matter",
    },
    {
      task: { poolSlots: 2, poolRunning: 2 },
      want: [{ kind: "pool", pool: "db", slots: 2, running: 2 }],
      why: "the pool is full",
    },
    {
      task: { poolSlots: 0 },
      want: [{ kind: "pool", pool: "db", slots: 0, running: 0 }],
      why: "a pool without slots lets nothing start",
    },
    {
      task: { poolSlots: 2, poolRunning: 3, freeSlots: 0 },
      want: [{ kind: "pool", pool: "db", slots: 2, running: 3 }, { kind: "slot" }],
      why: "both keep it, after the slots were lowered",
    },
    {
      task: { takesSlot: false, poolSlots: 0, freeSlots: 0 },
      want: [{ kind: "next" }],
      why: "a task without a slot waits for none",
    },
    {
      task: { state: "waiting" as const, needs: ["a", "b"] },
      run: { held: true, limit: 1, active: 1 },
      want: [{ kind: "needs", tasks: ["a", "b"] }],
      why: "its needs come first, and wait for the rest themselves",
    },
    {
      task: { state: "waiting" as const },
      run: { held: true, limit: 1, active: 1, earlierRuns: ["7"] },
      want: [
        { kind: "earlier_runs", runs: ["7"] },
        { kind: "flow_limit", flow: "etl", limit: 1, active: 1 },
      ],
      why: "its run is held for both reasons",
    },
    {
      task: { state: "waiting" as const },
      run: { held: true, limit: 3, active: 2 },
      want: [{ kind: "next" }],
      why: "a place is free and will be given to it",
    },
    {
      task: { state: "retry_wait" as const, retryAt: at },
      want: [{ kind: "retry", at }],
      why: "it was tried before",
    },
    {
      task: { state: "retry_wait" as const, retryAt: at, apart: true },
      want: [{ kind: "apart" }],
      why: "its time has come, and its turn has not",
    },
    { task: { state: "running" as const }, want: [], why: "it does not wait" },
  ])("$why", ({ task, run = {}, want }) => {
    expect(whyWaits({ ...ready, ...task }, { ...free, ...run })).toEqual(want);
  });

  const count = fc.nat(3);
  const anyTask = fc.record({
    state: fc.constantFrom(...taskStates),
    needs: fc.array(fc.constantFrom("a", "b"), { maxLength: 2 }),
    retryAt: fc.constantFrom(null, at),
    apart: fc.boolean(),
    pool: fc.constant("db"),
    poolSlots: fc.option(count, { nil: null }),
    poolRunning: count,
    label: fc.constantFrom("", "gpu"),
    takesSlot: fc.boolean(),
    runners: count,
    able: count,
    freeSlots: count,
  });
  const anyRun = fc.record({
    held: fc.boolean(),
    earlierRuns: fc.array(fc.constant("1"), { maxLength: 1 }),
    flow: fc.constant("etl"),
    limit: fc.option(count, { nil: null }),
    active: count,
  });

  it("says something of every task that waits, and only what is so", () => {
    fc.assert(
      fc.property(anyTask, anyRun, (facts, run) => {
        const able = Math.min(facts.able, facts.runners);
        const task = { ...facts, able };
        const reasons = whyWaits(task, run);
        const waits = !isTaskEnded(task.state) && task.state !== "running";
        expect(reasons.length > 0).toBe(waits);
        const kinds = new Set(reasons.map(({ kind }) => kind));
        expect(kinds.size).toBe(reasons.length);
        if (kinds.has("pool")) expect(task.poolRunning).toBeGreaterThanOrEqual(task.poolSlots ?? 9);
        if (kinds.has("slot")) expect(task.freeSlots).toBe(0);
        if (kinds.has("label")) expect(task.able).toBe(0);
        if (kinds.has("no_runner")) expect(task.runners).toBe(0);
        if (kinds.has("flow_limit")) expect(run.active).toBeGreaterThanOrEqual(run.limit ?? 9);
        if (kinds.has("earlier_runs")) expect(run.held && run.earlierRuns.length > 0).toBe(true);
        if (!kinds.has("next") || task.state !== "ready") return;
        // It could start at once.
        expect(task.able).toBeGreaterThan(0);
        if (!task.takesSlot) return;
        expect(task.freeSlots).toBeGreaterThan(0);
        expect(task.poolRunning).toBeLessThan(task.poolSlots ?? 9);
      }),
    );
  });
});

describe("whyRunWaits", () => {
  const tasks = [
    { waits: [{ kind: "needs" as const, tasks: ["a"] }] },
    { waits: [{ kind: "slot" as const }] },
    { waits: [{ kind: "slot" as const }, { kind: "label" as const, label: "gpu" }] },
  ];

  it.each([
    { states: ["ready", "waiting"], want: ["slot", "label"], why: "each reason once, no needs" },
    { states: ["ready", "running"], want: [], why: "a task runs, so the run does not wait" },
  ] satisfies { states: TaskState[]; want: string[]; why: string }[])("$why", (row) => {
    expect(whyRunWaits(row.states, tasks).map(({ kind }) => kind)).toEqual(row.want);
  });
});
