import { describe, expect, it } from "vitest";
import type { LogPage } from "#server/core/run/attempt-view.ts";
import { BLOCK, type FetchLines, LogStore } from "./log-store.ts";

/** A log of `total` lines, and what was asked of it. */
function logOf(total: number) {
  const state = { total, complete: true, asked: [] as [number, number][], fail: false };
  const fetch: FetchLines = async (from, count) => {
    state.asked.push([from, count]);
    if (state.fail) throw new Error("no connection");
    const lines: LogPage["lines"] = [];
    for (let n = from; n < from + count && n <= state.total; n++) {
      lines.push({ n, stream: "stdout", text: `line ${n}`, at: "2026-01-01T00:00:00.000Z" });
    }
    return {
      lines,
      total: state.total,
      complete: state.complete,
      truncated: false,
      firstErrorLine: null,
    };
  };
  return { state, fetch };
}

/** Waits until the store has line `n`. */
async function loaded(store: LogStore, n: number): Promise<void> {
  while (store.line(n) === undefined) {
    await new Promise<void>((resolve) => {
      const leave = store.subscribe(() => {
        leave();
        resolve();
      });
    });
  }
}

describe("LogStore", () => {
  it("loads only the blocks in view", async () => {
    const { state, fetch } = logOf(100_000);
    const store = new LogStore(fetch);
    await store.refresh();
    state.asked.length = 0;
    store.want(50_400, 50_550);
    await loaded(store, 50_550);
    expect(state.asked).toEqual([
      [50_001, BLOCK],
      [50_501, BLOCK],
    ]);
    expect(store.line(50_400)?.text).toBe("line 50400");
    expect(store.line(40_000)).toBeUndefined();
  });

  it("asks for no line twice", async () => {
    const { state, fetch } = logOf(100_000);
    const store = new LogStore(fetch);
    await store.refresh();
    store.want(50_100, 50_200);
    await loaded(store, 50_200);
    const before = state.asked.length;
    store.want(50_101, 50_201);
    expect(state.asked).toHaveLength(before);
  });

  it("drops blocks that a fast scroll left behind", async () => {
    const { state, fetch } = logOf(100_000);
    const store = new LogStore(fetch);
    await store.refresh();
    state.asked.length = 0;
    for (let line = 10_001; line <= 60_001; line += BLOCK) store.want(line, line + 10);
    await loaded(store, 60_001);
    expect(state.asked.length).toBeLessThanOrEqual(3);
  });

  it("follows a growing log by its new lines only", async () => {
    const { state, fetch } = logOf(700);
    state.complete = false;
    const store = new LogStore(fetch);
    await store.refresh();
    store.want(690, 700);
    await loaded(store, 700);
    state.total = 900;
    await store.refresh();
    expect(state.asked.at(-1)?.[0]).toBe(701);
    expect(store.line(900)?.text).toBe("line 900");
    expect(store.status()).toMatchObject({ total: 900, complete: false });
    state.complete = true;
    await store.refresh();
    expect(store.status().complete).toBe(true);
  });

  it("keeps what it has when a request fails, and says so", async () => {
    const { state, fetch } = logOf(10);
    const store = new LogStore(fetch);
    await store.refresh();
    state.fail = true;
    await store.refresh();
    expect(store.status().error).toBeInstanceOf(Error);
    expect(store.line(3)?.text).toBe("line 3");
    state.fail = false;
    await store.refresh();
    expect(store.status().error).toBeNull();
  });

  it("keeps a bounded number of lines", async () => {
    const { fetch } = logOf(100_000);
    const store = new LogStore(fetch);
    await store.refresh();
    for (let line = 1; line < 60_000; line += BLOCK) {
      store.want(line, line);
      await loaded(store, line);
    }
    let kept = 0;
    for (let line = 1; line <= 100_000; line++) if (store.line(line)) kept++;
    expect(kept).toBeLessThanOrEqual(80 * BLOCK);
  });

  it("reads an empty log", async () => {
    const { fetch } = logOf(0);
    const store = new LogStore(fetch);
    await store.refresh();
    expect(store.status()).toMatchObject({ loaded: true, total: 0, complete: true });
  });
});
