import type { IncomingHttpHeaders } from "node:http";
import { BlockList, isIPv6 } from "node:net";

const thisMachine = new BlockList();
thisMachine.addSubnet("127.0.0.0", 8);
thisMachine.addAddress("::1", "ipv6");

/** Headers by which a proxy says that it passes a request on. */
const PASSED_ON = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/**
 * True for a request of a program on this machine with nothing in between. To it bytes cost nothing,
 * while compressing them holds up each page.
 * @param address of the other end of the connection
 */
export function isDirect(address: string | undefined, headers: IncomingHttpHeaders): boolean {
  if (address === undefined || PASSED_ON.some((name) => headers[name] !== undefined)) return false;
  return thisMachine.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
