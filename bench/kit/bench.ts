/** What every figure is given. */
import type { Measured } from "../report/figure.ts";
import type { Cleanup } from "./cleanup.ts";
import type { Cluster } from "./cluster.ts";
import type { Tree } from "./tree.ts";

export interface Bench {
  cluster: Cluster;
  cleanup: Cleanup;
  /** Folder for what the benchmark writes; gone at the end. */
  work: string;
  /** The product's sources in a folder of their own. Copied when first asked for. */
  tree(): Promise<Tree>;
  /** The folder of the built programs in that tree. Built when first asked for. */
  programs(): Promise<string>;
  wfinstances: string | null;
  quick: boolean;
  /** Folder for CPU profiles of the runners, or null. */
  profile: string | null;
  /** Tells what is going on. */
  say(text: string): void;
}

/** One part of the benchmark; it may yield several figures. */
export interface Measurement {
  /** The name that --only takes. */
  name: string;
  /** True when it is about the folder of recorded instances. */
  needsInstances?: boolean;
  /** True when it takes minutes and is left out unless --only names it. */
  onlyWhenNamed?: boolean;
  measure(bench: Bench): Promise<Measured[]>;
}
