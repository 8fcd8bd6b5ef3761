/** All figures, in the order in which they are measured: the quiet ones first. */
import type { Measurement } from "../kit/bench.ts";
import { backfill } from "./backfill.ts";
import { bulk } from "./bulk.ts";
import { calendar } from "./calendar.ts";
import { definitions } from "./definitions.ts";
import { fanOut } from "./fan-out.ts";
import { functionChain } from "./function-chain.ts";
import { handOff } from "./hand-off.ts";
import { makespan } from "./makespan.ts";
import { notify } from "./notify.ts";
import { runCreation } from "./run-creation.ts";
import { runLists, runListsHttp } from "./run-lists.ts";
import { scheduleLag } from "./schedule-lag.ts";
import { shellChain } from "./shell-chain.ts";
import { start } from "./start.ts";
import { throughput } from "./throughput.ts";
import { triggerToStart } from "./trigger.ts";
import { weatherBackfill } from "./weather-backfill.ts";

export const figures: readonly Measurement[] = [
  handOff,
  notify,
  triggerToStart,
  functionChain,
  shellChain,
  fanOut,
  throughput,
  makespan,
  runCreation,
  backfill,
  bulk,
  scheduleLag,
  weatherBackfill,
  definitions,
  start,
  calendar,
  runLists,
  runListsHttp,
];
