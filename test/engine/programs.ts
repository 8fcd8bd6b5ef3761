/** The programs of a runner and of deliveries, bundled once for a whole test command. */
import { inject } from "vitest";

export interface Programs {
  runner: string;
  /** Plans and starts one backfill, as a web process would. */
  planner: string;
  /** The process that delivers notifications. */
  jobs: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    programs: Programs;
  }
}

/** Paths of the bundles, which `bundle-programs.ts` has made. */
export const programs: Programs = inject("programs");
