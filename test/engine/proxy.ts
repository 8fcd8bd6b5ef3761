/** A network between a runner and PostgreSQL that can be made to fail in the ways that networks do. */
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface DatabaseProxy {
  /** The database by way of the proxy. */
  url: string;
  /**
   * Swallows one of so many answers that say that a transaction has ended, and cuts the connection:
   * what was asked for took effect, and whoever asked learns of an error. 0: none.
   */
  loseAnswers(oneOf: number): void;
  /** How many answers have been swallowed so far. */
  lost(): number;
  /** Passes nothing on any more on the connections that are open, and leaves them open; new ones work. */
  silence(): void;
  /** Delays what passes, in both directions, in milliseconds. */
  slow(delayMs: number): void;
  close(): Promise<void>;
}

/** ReadyForQuery outside of a transaction: what a server says last when it has committed. */
const COMMITTED = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

export async function startProxy(url: string): Promise<DatabaseProxy> {
  const target = new URL(url);
  const open = new Set<{ near: Socket; far: Socket; silent: boolean }>();
  let oneOf = 0;
  let answers = 0;
  let lost = 0;
  let delayMs = 0;

  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    const link = { near, far, silent: false };
    open.add(link);
    const cut = () => {
      open.delete(link);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.on("error", cut).on("close", cut).setNoDelay(true);
    // Chunks keep their order: each waits for the one before.
    const pass = (to: Socket, take: (chunk: Buffer) => boolean) => {
      let last = Promise.resolve();
      return (chunk: Buffer) => {
        last = last.then(async () => {
          if (delayMs > 0) await sleep(delayMs);
          if (!link.silent && take(chunk)) to.write(chunk);
        });
      };
    };
    // The first answer ends the greeting.
    let greeted = false;
    near.on(
      "data",
      pass(far, () => true),
    );
    far.on(
      "data",
      pass(near, (chunk) => {
        if (!chunk.subarray(-COMMITTED.length).equals(COMMITTED)) return true;
        if (!greeted) {
          greeted = true;
          return true;
        }
        answers += 1;
        if (oneOf === 0 || answers % oneOf !== 0) return true;
        lost += 1;
        cut();
        return false;
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  const through = new URL(url);
  through.hostname = "127.0.0.1";
  through.port = String(address.port);
  return {
    url: through.href,
    loseAnswers: (of) => {
      oneOf = of;
    },
    lost: () => lost,
    silence: () => {
      for (const link of open) link.silent = true;
    },
    slow: (ms) => {
      delayMs = ms;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const { near, far } of open) {
          near.destroy();
          far.destroy();
        }
      }),
  };
}
