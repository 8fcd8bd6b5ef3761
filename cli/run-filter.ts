/** The options that say which runs are meant: the same ones wherever runs are listed or acted upon. */
import { type Command, Option } from "commander";
import { readParamValue } from "#server/core/run/param-filter.ts";
import { type RunState, type RunTrigger, runStates, runTriggers } from "#server/core/run/states.ts";
import type { RunFilter } from "#server/core/run/view.ts";
import { readInstant } from "./interval.ts";
import { collectParam } from "./params.ts";

export interface RunFilterOptions {
  flow?: string;
  state?: RunState[];
  trigger?: RunTrigger[];
  intervalFrom?: string;
  intervalTo?: string;
  param: [name: string, text: string][];
  identity?: string;
  parent?: string;
  backfill?: string;
}

export function addRunFilter(command: Command): Command {
  return command
    .option("--flow <flow>", "only runs of this flow")
    .addOption(new Option("--state <state...>", "only in these states").choices(runStates))
    .addOption(new Option("--trigger <trigger...>", "only started so").choices(runTriggers))
    .option("--interval-from <time>", "only intervals that start then or later; UTC without offset")
    .option("--interval-to <time>", "only intervals that start before")
    .option(
      "-p, --param <name=value>",
      "only with this parameter; repeatable; the value is read as JSON if it can be",
      collectParam,
      [],
    )
    .option("--identity <hash>", "only with this identity")
    .option("--parent <run>", "only reruns of this run")
    .option("--backfill <backfill>", "only of this backfill");
}

/** @throws Failure USAGE for a time that is none */
export function runFilterOf(options: RunFilterOptions): RunFilter {
  const { intervalFrom, intervalTo, param } = options;
  const { flow, state, trigger, identity, parent, backfill } = options;
  return {
    ...(flow === undefined ? {} : { flow }),
    ...(state === undefined ? {} : { state }),
    ...(trigger === undefined ? {} : { trigger }),
    ...(intervalFrom === undefined ? {} : { intervalFrom: instantOf(intervalFrom) }),
    ...(intervalTo === undefined ? {} : { intervalTo: instantOf(intervalTo) }),
    ...(param.length === 0
      ? {}
      : { params: Object.fromEntries(param.map(([name, text]) => [name, readParamValue(text)])) }),
    ...(identity === undefined ? {} : { identity }),
    ...(parent === undefined ? {} : { parent }),
    ...(backfill === undefined ? {} : { backfill }),
  };
}

const instantOf = (text: string): string =>
  new Date(readInstant(text, "UTC").getTime()).toISOString();
