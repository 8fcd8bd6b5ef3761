/** A child process that is started again when it ends without being asked to. */
import { type ChildProcess, fork } from "node:child_process";
import { type ChildMessage, isChildMessage } from "./lifecycle.ts";

const FIRST_DELAY_MS = 250;
const LAST_DELAY_MS = 10_000;
/** A child that lived this long starts again without delay growing further. */
const HEALTHY_MS = 30_000;

export interface ChildPlan {
  name: string;
  /** Path of the program. */
  file: string;
  /** Arguments of Node besides this process's own. */
  nodeArgs?: readonly string[];
  env: NodeJS.ProcessEnv;
  /** How long it may take to end after SIGTERM before it is killed. */
  stopLimitMs: number;
  onChange: () => void;
  onMessage?: (message: ChildMessage) => void;
  log: (message: string) => void;
}

/** Wait before start number `crashes + 1`, in milliseconds: doubles up to ten seconds. */
export function restartDelayMs(crashes: number): number {
  return Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** (crashes - 1));
}

export class Child {
  readonly #plan: ChildPlan;
  #process: ChildProcess | null = null;
  #env: NodeJS.ProcessEnv;
  #crashes = 0;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;
  /** Crashes in a row since the last time it lived for half a minute. */
  get crashes(): number {
    return this.#crashes;
  }
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  constructor(plan: ChildPlan) {
    this.#plan = plan;
    this.#env = plan.env;
  }

  start(): void {
    const { name, file, nodeArgs = [], log } = this.#plan;
    const began = performance.now();
    // A session of its own: Ctrl-C in a terminal reaches the supervisor alone, which stops its
    // children in order.
    const child = fork(file, [], {
      execArgv: [...process.execArgv, ...nodeArgs],
      env: this.#env,
      detached: true,
      // Standard output is the supervisor's own: it says the address and nothing else.
      stdio: ["ignore", 2, "inherit", "ipc"],
    });
    this.#process = child;
    child.on("message", (message) => {
      if (isChildMessage(message)) this.#plan.onMessage?.(message);
    });
    // A failed fork is followed by no exit event.
    child.once("error", (error) => {
      log(`${name} could not be started: ${error.message}`);
      if (child.pid === undefined) this.#ended(began, "did not start");
    });
    child.once("exit", (code, signal) => this.#ended(began, signal ?? `exit code ${code}`));
    this.#plan.onChange();
  }

  #ended(began: number, how: string): void {
    this.#process = null;
    this.#plan.onChange();
    if (this.#stopped) return;
    this.#crashes = performance.now() - began > HEALTHY_MS ? 1 : this.#crashes + 1;
    const delay = restartDelayMs(this.#crashes);
    this.#plan.log(`${this.#plan.name} ended (${how}), starting it again in ${delay} ms`);
    this.#timer = setTimeout(() => this.start(), delay);
  }

  /** Ends it and starts it anew with another environment. */
  async restart(env: NodeJS.ProcessEnv): Promise<void> {
    await this.stop();
    this.#env = env;
    this.#stopped = false;
    this.start();
  }

  /** Asks it to end, kills it after the limit, and resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    const child = this.#process;
    if (child === null) return;
    const gone = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
    });
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const limit = setTimeout(() => child.kill("SIGKILL"), this.#plan.stopLimitMs);
    await gone;
    clearTimeout(limit);
  }

  /** Ends it at once, for somebody who does not want to wait. */
  kill(): void {
    this.#stopped = true;
    this.#process?.kill("SIGKILL");
  }
}
