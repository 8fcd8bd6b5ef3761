/** Cancelling what runs: one task, and a whole run. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Executions, openExecutions } from "../../../test/engine/executions.ts";
import { awaitRun, taskStates, until } from "../../../test/engine/runs.ts";
import { shell } from "../../../test/task-drafts.ts";
import { cancelRun, cancelTask } from "../settle/settle.ts";

let executions: Executions;
beforeAll(async () => {
  executions = await openExecutions();
});
afterAll(() => executions.close());

describe("a wait task", () => {
  it("waits, and can be cancelled alone", async () => {
    const { stored, runId } = await executions.start({
      short: { type: "wait", with: { duration: 50 } },
      long: { type: "wait", with: { duration: 3_600_000 } },
      after: { needs: ["long"] },
    });
    await until(
      "the wait to run",
      async () => (await taskStates(executions.world.pool, stored, runId)).long === "running",
    );
    await cancelTask(
      executions.world.pool,
      runId,
      stored.flow.graph.taskIds.indexOf("long"),
      "ada",
    );
    await awaitRun(executions.world.pool, runId);
    const result = await executions.look(stored, runId);
    expect(result.states).toEqual({
      short: "succeeded",
      long: "cancelled",
      after: "upstream_failed",
    });
    expect(result.attemptsOf("long")).toMatchObject([
      { state: "cancelled", error: { kind: "cancelled" } },
    ]);
  });
});

describe("cancelling a run", () => {
  it("ends what runs, politely first, and starts nothing more", async () => {
    const { stored, runId } = await executions.start({
      polite: shell(
        "trap 'echo goodbye; exit 0' TERM; echo ready; while true; do sleep 0.02; done",
      ),
      deaf: shell("trap '' TERM; echo ready; while true; do sleep 0.02; done"),
      next: shell("echo never", { needs: ["polite"] }),
      always: shell("echo never", { needs: ["polite"], if: "always()" }),
    });
    await until("both to run", async () => {
      const result = await executions.look(stored, runId);
      const logs = [await result.log("polite"), await result.log("deaf")];
      return logs.every((lines) => lines.some((line) => line.text === "ready"));
    });
    await cancelRun(executions.world.pool, runId, "ada", "no need");
    const run = await awaitRun(executions.world.pool, runId);
    const result = await executions.look(stored, runId);
    expect(run.state).toBe("cancelled");
    // The polite one said that it had finished: that is what happened.
    expect(result.states).toEqual({
      polite: "succeeded",
      deaf: "cancelled",
      next: "cancelled",
      always: "cancelled",
    });
    expect((await result.log("polite")).map((line) => line.text)).toContain("goodbye");
  });
});
