/** A line between browser and product that a test can cut, unlike the browser's own offline mode. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface CutLine {
  /** Address of the product as seen over this line. */
  url: string;
  /** Breaks every connection and lets no new one through. */
  cut: () => void;
  mend: () => void;
  close: () => Promise<void>;
}

export async function openLine(port: number): Promise<CutLine> {
  const sockets = new Set<Socket>();
  let open = true;
  const server = createServer((near) => {
    if (!open) {
      near.destroy();
      return;
    }
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("close", () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
      // A broken connection is what this is for; both ends are closed above.
      socket.on("error", () => socket.destroy());
    }
    near.pipe(far);
    far.pipe(near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    open = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    mend: () => {
      open = true;
    },
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
