/** The runner's end of the pipe to its watchdog. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

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
 * The file of a program that belongs to the engine: beside this one, as a bundle or as source.
 * @throws Error when it is in neither form
 */
export function programFile(name: string): string {
  for (const extension of ["js", "ts"]) {
    const file = fileURLToPath(new URL(`./${name}.${extension}`, import.meta.url));
    if (existsSync(file)) return file;
  }
  throw new Error(`The program ${name} is missing beside ${import.meta.url}.`);
}

/** A watchdog that dies is started again and told everything anew. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #groups = new Set<number>();
  #process: ChildProcess | null = null;
  #beat = 0;
  #closed = false;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#start();
  }

  /** A process group has been started. Returns when the watchdog's pipe has it. */
  watch(group: number): void {
    this.#groups.add(group);
    this.#tell(`group ${group}`);
  }

  /** A process group has come to its end. */
  unwatch(group: number): void {
    this.#groups.delete(group);
    this.#tell(`ended ${group}`);
  }

  /** The lease was renewed by a request sent at `since` (clock of leases). */
  beat(since: number): void {
    this.#beat = since;
    this.#tell(`beat ${since}`);
  }

  /** Ends the watchdog, which looks for left-over processes once more. */
  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#process;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.stdin?.end();
    });
  }

  #start(): void {
    const { token, silenceMs, home, onError } = this.#options;
    const child = spawn(
      process.execPath,
      // It holds a handful of numbers.
      [
        ...process.execArgv,
        "--max-old-space-size=32",
        programFile("watchdog"),
        token,
        `${silenceMs}`,
        home,
      ],
      {
        detached: true,
        stdio: ["pipe", "ignore", "inherit"],
        env: { PATH: process.env.PATH } as unknown as NodeJS.ProcessEnv,
      },
    );
    this.#process = child;
    child.once("error", (error) => this.#gone(child, error));
    child.once("exit", (code, signal) =>
      this.#gone(child, new Error(`the watchdog ended (${signal ?? code})`)),
    );
    // A broken pipe is followed by the exit.
    child.stdin?.on("error", onError);
    child.unref();
    if (this.#beat > 0) this.#tell(`beat ${this.#beat}`);
    for (const group of this.#groups) this.#tell(`group ${group}`);
  }

  #gone(child: ChildProcess, error: unknown): void {
    if (this.#process !== child) return;
    this.#process = null;
    if (this.#closed) return;
    this.#options.onError(error);
    setTimeout(() => {
      if (!this.#closed && this.#process === null) this.#start();
    }, RESTART_MS).unref();
  }

  #tell(line: string): void {
    this.#process?.stdin?.write(`${line}\n`);
  }
}
