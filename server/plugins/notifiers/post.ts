/**
 * An HTTP POST to an address that an operator has chosen. The name is looked up once, what it stands
 * for is checked, and the connection goes to that address. Redirects are not followed and the body of
 * an answer is not kept: a receiver learns nothing from us and we show nothing of it.
 */
import { lookup } from "node:dns";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { faultOf, ReceiverError } from "#server/core/notify/receiver-fault.ts";

/** Link-local addresses, where machines of clouds hand out their credentials, and nowhere. */
const refused = new BlockList();
refused.addSubnet("169.254.0.0", 16, "ipv4");
refused.addSubnet("0.0.0.0", 8, "ipv4");
refused.addSubnet("224.0.0.0", 3, "ipv4");
refused.addSubnet("fe80::", 10, "ipv6");
refused.addSubnet("ff00::", 8, "ipv6");
refused.addAddress("::", "ipv6");
refused.addAddress("fd00:ec2::254", "ipv6");

/** Whether notifications may go to an IP address. IPv4 written as IPv6 counts as IPv4. */
export function mayReach(ip: string): boolean {
  return !refused.check(ip, isIP(ip) === 6 ? "ipv6" : "ipv4");
}

const refusal = (host: string) =>
  new ReceiverError(`${host} is an address that notifications may not go to.`, "not_allowed");

/** Looks a name up and refuses it when any of its addresses may not be reached. */
const checkedLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    if (error !== null) return callback(error, "", 0);
    const [first] = found;
    if (first === undefined || !found.every(({ address }) => mayReach(address))) {
      return callback(refusal(host), "", 0);
    }
    return options.all === true
      ? callback(null, found)
      : callback(null, first.address, first.family);
  });
};

/**
 * @returns what the receiver answered, such as `200 OK`
 * @throws ReceiverError when it did not answer, or with anything but a status from 200 to 299
 */
export async function post(
  address: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<string> {
  const url = new URL(address);
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(literal) !== 0 && !mayReach(literal)) throw refusal(literal);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = send(
      url,
      {
        method: "POST",
        headers: {
          ...headers,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          "user-agent": "Idem",
        },
        lookup: checkedLookup,
        signal,
        agent: false,
      },
      (response) => {
        const status = response.statusCode ?? 0;
        const told = `${status} ${response.statusMessage ?? ""}`.trim();
        response.destroy();
        if (status >= 200 && status < 300) resolve(told);
        else reject(new ReceiverError(`${url.host} answered ${told}.`, "http_status"));
      },
    );
    sent.once("error", (error) => {
      const late = signal.aborted;
      const why = late ? "it took too long" : error.message;
      const fault = late ? "timed_out" : faultOf(error);
      reject(new ReceiverError(`${url.host} did not take it: ${why}.`, fault));
    });
    sent.end(body);
  });
}
