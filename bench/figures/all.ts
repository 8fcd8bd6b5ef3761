/** All figures, in the order in which they are measured: the quiet ones first. */
import type { Measurement } from "../kit/bench.ts";
import { handOff } from "./hand-off.ts";
import { runCreation } from "./run-creation.ts";
import { runLists, runListsHttp } from "./run-lists.ts";
import { shellChain } from "./shell-chain.ts";
import { start } from "./start.ts";
import { throughput } from "./throughput.ts";

export const figures: readonly Measurement[] = [
  handOff,
  shellChain,
  throughput,
  runCreation,
  start,
  runLists,
  runListsHttp,
];
