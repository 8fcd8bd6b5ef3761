import type { Command } from "commander";
import type { RunnerView } from "#server/core/queue/runner-view.ts";
import type { CommandContext, Surroundings } from "../context.ts";
import { leaf } from "../leaf.ts";
import { wholeNumber } from "../options.ts";
import { durationText, table } from "../output.ts";

const MAX_SLOTS = 1_000;

export function addRunnerCommands(program: Command, surroundings: Surroundings): void {
  const runners = program
    .command("runners")
    .description("list runners, drain them, give them slots");
  leaf(
    runners.command("ls").description("list runners with their load"),
    surroundings,
    listRunners,
  );
  const of = (name: string, what: string) =>
    runners.command(name).description(what).argument("<runner>");
  leaf(of("drain", "let a runner end what it has and take nothing new"), surroundings, drainRunner);
  leaf(of("resume", "let a drained runner take tasks again"), surroundings, resumeRunner);
  leaf(
    of("slots", "give a runner so many slots until it ends").argument(
      "<slots>",
      "tasks at a time",
      wholeNumber(1, MAX_SLOTS),
    ),
    surroundings,
    setRunnerSlots,
  );
}

/** `idem runners ls` */
async function listRunners({ api, output }: CommandContext): Promise<void> {
  const runners = await api.runners.list.query();
  output.result({ items: runners, next: null }, () => runnerTable(runners));
}

/** `idem runners drain <runner>` */
async function drainRunner({ api, output }: CommandContext, id: string): Promise<void> {
  const runner = await api.runners.drain.mutate({ id });
  output.result(runner, () => runnerTable([runner]));
}

/** `idem runners resume <runner>` */
async function resumeRunner({ api, output }: CommandContext, id: string): Promise<void> {
  const runner = await api.runners.resume.mutate({ id });
  output.result(runner, () => runnerTable([runner]));
}

/** `idem runners slots <runner> <slots>` */
async function setRunnerSlots(
  { api, output }: CommandContext,
  id: string,
  slots: number,
): Promise<void> {
  const runner = await api.runners.setSlots.mutate({ id, slots });
  output.result(runner, () => runnerTable([runner]));
}

function runnerTable(runners: readonly RunnerView[]): string {
  return table(
    ["RUNNER", "NAME", "STATE", "SLOTS", "LABELS", "MEMORY", "HEARTBEAT"],
    runners.map((runner) => [
      runner.id,
      runner.name,
      runner.state,
      `${runner.running}/${runner.slots}`,
      runner.labels.join(","),
      `${Math.round(runner.memoryBytes / 1_048_576)} MiB`,
      `${durationText(runner.heartbeatAgeMs)} ago`,
    ]),
  );
}
