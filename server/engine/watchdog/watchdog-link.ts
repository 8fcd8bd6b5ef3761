/** The runner's end of the channel to its watchdog. */
import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { signalGroup } from "./processes.ts";
import type { FromWatchdog, Launch, ToWatchdog } from "./watchdog-protocol.ts";

const RESTART_MS = 200;

export interface WatchdogOptions {
  /** In the environment of all that the runner starts. */
  token: string;
  silenceMs: number;
  /** IDEM_HOME, so that a person who looks at the processes knows to whom it belongs. */
  home: string;
  onError: (error: unknown) => void;
}

/**
 * The file of a program that belongs to the engine: a bundle beside this one, or the source in its room.
 * @throws Error when it is in neither form
 */
export function programFile(name: "watchdog" | "worker"): string {
  for (const place of [`./${name}.js`, `../${name}/${name}.ts`]) {
    const file = fileURLToPath(new URL(place, import.meta.url));
    if (existsSync(file)) return file;
  }
  throw new Error(`The program ${name} is missing beside ${import.meta.url}.`);
}

/** How a program came to its end. `lost` when its watchdog died before it: it has been killed. */
export type LaunchEnd =
  | { kind: "ended"; code: number | null; signal: NodeJS.Signals | null }
  | { kind: "lost" };

export type LaunchResult =
  | { kind: "started"; pid: number; ended: Promise<LaunchEnd> }
  | { kind: "failed"; message: string }
  /** The lease did not allow the start. */
  | { kind: "refused" }
  /** The watchdog died on the way: the program may have been started. */
  | { kind: "unknown" };

/** A program that has been asked for, until it has ended. */
interface Launched {
  pid: number | null;
  started: (result: LaunchResult) => void;
  end: (end: LaunchEnd) => void;
  ended: Promise<LaunchEnd>;
}

/** A watchdog that dies is started again and told everything anew. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #groups = new Set<number>();
  readonly #launched = new Map<number, Launched>();
  #process: ChildProcess | null = null;
  #waiting: (() => void)[] = [];
  #launches = 0;
  #beat = 0;
  #closed = false;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#start();
  }

  /** Starts a program as a process group of its own, which is watched from its first moment on. */
  async launch(wanted: Omit<Launch, "id">): Promise<LaunchResult> {
    while (this.#process === null && !this.#closed) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#closed) return { kind: "refused" };
    this.#launches += 1;
    const id = this.#launches;
    let end: Launched["end"] = () => {};
    const ended = new Promise<LaunchEnd>((resolve) => {
      end = resolve;
    });
    return new Promise((started) => {
      this.#launched.set(id, { pid: null, started, end, ended });
      this.#tell({ type: "launch", launch: { ...wanted, id } });
    });
  }

  /** The runner itself has started a process group. */
  watch(group: number): void {
    this.#groups.add(group);
    this.#tell({ type: "watch", group });
  }

  /** Nothing is left of a process group. */
  unwatch(group: number): void {
    this.#groups.delete(group);
    this.#tell({ type: "unwatch", group });
  }

  /** The lease was renewed by a request sent at `since` (clock of leases). */
  beat(since: number): void {
    this.#beat = since;
    this.#tell({ type: "beat", since });
  }

  /** Ends the watchdog, which looks for left-over processes once more. */
  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#process;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.disconnect();
    });
  }

  #start(): void {
    const { token, silenceMs, home } = this.#options;
    const child = fork(programFile("watchdog"), [token, `${silenceMs}`, home], {
      // It holds a handful of numbers.
      execArgv: [...process.execArgv, "--max-old-space-size=32"],
      detached: true,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: { PATH: process.env.PATH } as unknown as NodeJS.ProcessEnv,
    });
    this.#process = child;
    child.once("error", (error) => this.#gone(child, error));
    child.once("exit", (code, signal) =>
      this.#gone(child, new Error(`the watchdog ended (${signal ?? code})`)),
    );
    child.on("message", (message) => this.#hear(message as FromWatchdog));
    child.unref();
    child.channel?.unref();
    if (this.#beat > 0) this.#tell({ type: "beat", since: this.#beat });
    for (const group of this.#groups) this.#tell({ type: "watch", group });
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #hear(message: FromWatchdog): void {
    const launched = this.#launched.get(message.id);
    if (launched === undefined) return;
    switch (message.type) {
      case "started":
        launched.pid = message.pid;
        this.#groups.add(message.pid);
        launched.started({ kind: "started", pid: message.pid, ended: launched.ended });
        return;
      case "ended":
        this.#launched.delete(message.id);
        launched.end({ kind: "ended", code: message.code, signal: message.signal });
        return;
      case "failed":
        this.#launched.delete(message.id);
        launched.started({ kind: "failed", message: message.message });
        return;
      case "refused":
        this.#launched.delete(message.id);
        launched.started({ kind: "refused" });
        return;
    }
  }

  /** Nobody will tell how its programs end any more: they are killed, and count as lost. */
  #gone(child: ChildProcess, error: unknown): void {
    if (this.#process !== child) return;
    this.#process = null;
    for (const { pid, started, end } of this.#launched.values()) {
      if (pid === null) started({ kind: "unknown" });
      else {
        signalGroup(pid, "SIGKILL");
        end({ kind: "lost" });
      }
    }
    this.#launched.clear();
    if (this.#closed) return;
    this.#options.onError(error);
    setTimeout(() => {
      if (!this.#closed && this.#process === null) this.#start();
    }, RESTART_MS).unref();
  }

  #tell(message: ToWatchdog): void {
    // A channel that is broken is followed by the exit.
    if (this.#process?.connected) this.#process.send(message, () => {});
  }
}
