/** One worker process, seen from the runner. */
import { type ChildProcess, fork } from "node:child_process";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { setImmediate as turn } from "node:timers/promises";
import type { Json } from "../../core/flow/spec.ts";
import { TaskFailure } from "../../plugins/sdk.ts";
import { endFailure, type ProcessEnd } from "../execute/process-end.ts";
import type { Workdir } from "../execute/workdir.ts";
import { faultPoint } from "../faults.ts";
import type { AttemptLog } from "../logs/attempt-log.ts";
import { RUNNER_NODE_ARGS } from "../settings.ts";
import {
  ATTEMPT_TOKEN_VARIABLE,
  endFirst,
  signalGroup,
  sweep,
  TOKEN_VARIABLE,
} from "../watchdog/processes.ts";
import { programFile, type Watchdog } from "../watchdog/watchdog-link.ts";
import type { FromWorker, ToWorker } from "./worker-protocol.ts";

export type Call = Extract<ToWorker, { type: "run" }>;

type WorkerEnd = ({ kind: "ended" } & ProcessEnd) | { kind: "unstarted"; message: string };

interface Current {
  log: AttemptLog;
  answer: (message: FromWorker) => void;
}

export class WorkerProcess {
  /** Hash of the bundle that it has loaded; null while it is fresh. */
  bundle: string | null = null;
  calls = 0;
  idleSince = 0;
  /** Left untouched by the attempts before, for the next one. */
  workdir: Workdir | null = null;
  /** Looks at the folder of the last attempt; null once that has been done. */
  tidy: (() => void) | null = null;
  readonly #process: ChildProcess;
  readonly #group: number | undefined;
  readonly #watchdog: Pick<Watchdog, "watch" | "unwatch">;
  readonly #ended: Promise<WorkerEnd>;
  #alive = true;
  #current: Current | null = null;

  /** @param home IDEM_HOME, so that a person who looks at the processes knows whose it is */
  constructor(runnerToken: string, watchdog: Pick<Watchdog, "watch" | "unwatch">, home: string) {
    this.#watchdog = watchdog;
    this.#process = fork(programFile("worker"), [home], {
      // What keeps the runner small is not for what functions do.
      execArgv: process.execArgv.filter((arg) => !RUNNER_NODE_ARGS.includes(arg)),
      cwd: tmpdir(),
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: {
        PATH: process.env.PATH,
        LANG: process.env.LANG,
        [TOKEN_VARIABLE]: runnerToken,
      } as unknown as NodeJS.ProcessEnv,
    });
    this.#group = this.#process.pid;
    if (this.#group !== undefined) {
      watchdog.watch(this.#group);
      endFirst(this.#group);
    }
    this.#ended = this.#awaitEnd();
    this.#process.on("message", (message) => this.#current?.answer(message as FromWorker));
    this.#readOutput("stdout");
    this.#readOutput("stderr");
    // The runner decides how long it lives, not the worker.
    this.#process.unref();
    this.#process.channel?.unref();
  }

  get alive(): boolean {
    return this.#alive && this.#process.connected;
  }

  #awaitEnd(): Promise<WorkerEnd> {
    return new Promise((resolve) => {
      const end = (how: WorkerEnd) => {
        this.#alive = false;
        if (this.#group !== undefined) this.#watchdog.unwatch(this.#group);
        resolve(how);
      };
      this.#process.once("error", ({ message }) => end({ kind: "unstarted", message }));
      this.#process.once("exit", (code, signal) => end({ kind: "ended", code, signal }));
    });
  }

  #readOutput(name: "stdout" | "stderr"): void {
    const stream = this.#process[name];
    stream?.on("data", (bytes: Buffer) => {
      const log = this.#current?.log;
      // Between two attempts nobody is asked: what is still said is said by nobody's task.
      if (log === undefined || log.write(name, bytes)) return;
      stream.pause();
      void log.drained().then(() => stream.resume());
    });
    stream?.on("error", () => {});
    // Between processes a pipe is a socket.
    (stream as unknown as Socket | null)?.unref();
  }

  /**
   * Calls a function.
   * @throws TaskFailure
   */
  async call(call: Call, log: AttemptLog): Promise<Json> {
    this.calls += 1;
    const answered = new Promise<FromWorker>((answer) => {
      this.#current = { log, answer };
    });
    try {
      this.#send(call);
      faultPoint("after-spawn");
      const answer = await Promise.race([answered, this.#ended]);
      await this.#outputRead(log);
      if ("kind" in answer && answer.kind === "ended") {
        throw endFailure(answer, "The function's process");
      }
      if ("kind" in answer && answer.kind === "unstarted") {
        const message = `The function's process could not be started: ${answer.message}.`;
        throw new TaskFailure({ kind: "start", message });
      }
      if (answer.type !== "refused" && answer.spawned) {
        await this.kill(call.environment[ATTEMPT_TOKEN_VARIABLE] ?? null);
      }
      return outputOf(answer);
    } finally {
      this.#current = null;
    }
  }

  /** What was printed before the answer lies in the pipes by now: the next turns read it. */
  async #outputRead(log: AttemptLog): Promise<void> {
    const { stdout, stderr } = this.#process;
    do {
      await log.drained();
      await turn();
      await turn();
    } while (stdout?.isPaused() || stderr?.isPaused());
  }

  #send(message: ToWorker): void {
    if (this.#process.connected) this.#process.send(message, () => {});
  }

  signal(signal: "SIGTERM" | "SIGKILL"): void {
    if (signal === "SIGTERM") this.#send({ type: "abort" });
    else if (this.#group !== undefined) signalGroup(this.#group, "SIGKILL");
  }

  /**
   * Kills the worker and all that its functions have started. Resolves when they are gone.
   * @param attemptToken of the attempt whose function has started processes, if any
   */
  async kill(attemptToken: string | null = null): Promise<void> {
    if (this.#group === undefined) return;
    signalGroup(this.#group, "SIGKILL");
    await this.#ended;
    await sweep(this.#group, attemptToken);
  }
}

function outputOf(answer: FromWorker): Json {
  switch (answer.type) {
    case "done":
      return answer.output;
    case "failed":
      throw new TaskFailure({ kind: answer.kind, message: answer.message });
    case "refused":
      throw new TaskFailure({ kind: "lost", message: "The runner's lease ran out." });
  }
}
