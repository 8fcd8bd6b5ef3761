import { describe, expect, it, vi } from "vitest";
import { TaskStore } from "./task-store.ts";
import { taskRun } from "./testing/task-runs.ts";

describe("TaskStore", () => {
  it("wakes only the listeners of task runs that changed", () => {
    const store = new TaskStore();
    const a = taskRun("a");
    store.update([a, taskRun("b")]);
    const onA = vi.fn();
    const onB = vi.fn();
    const onAny = vi.fn();
    store.subscribe("a", onA);
    store.subscribe("b", onB);
    store.subscribeAny(onAny);
    store.update([a, taskRun("b", { state: "running" })]);
    expect([onA, onB, onAny].map((listener) => listener.mock.calls.length)).toEqual([0, 1, 1]);
  });

  it("wakes nobody when nothing changed, and nobody who left", () => {
    const store = new TaskStore();
    const a = taskRun("a");
    store.update([a]);
    const stayed = vi.fn();
    const left = vi.fn();
    store.subscribeAny(stayed);
    store.subscribe("a", left)();
    store.update([a]);
    expect(stayed).not.toHaveBeenCalled();
    store.update([taskRun("a", { state: "failed" })]);
    expect(stayed).toHaveBeenCalledOnce();
    expect(left).not.toHaveBeenCalled();
  });

  it("rolls states up and keeps the object until a change", () => {
    const store = new TaskStore();
    const members = ["a", "b", "c"];
    const tasks = [taskRun("a", { state: "failed" }), taskRun("b"), taskRun("c")];
    store.update(tasks);
    const counts = store.rollUp(members);
    expect(counts).toEqual({ failed: 1, waiting: 2 });
    store.update(tasks);
    expect(store.rollUp(members)).toBe(counts);
    store.update([...tasks.slice(0, 2), taskRun("c", { state: "running" })]);
    expect(store.rollUp(members)).toEqual({ failed: 1, waiting: 1, running: 1 });
  });
});
