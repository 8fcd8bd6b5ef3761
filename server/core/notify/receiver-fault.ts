/** Why a receiver did not take a notification: what pages have words for. */

export const receiverFaults = [
  "refused",
  "closed",
  "timed_out",
  "host_not_found",
  "unreachable",
  "tls",
  "http_status",
  "mail_rejected",
  "not_allowed",
  /** The process that delivers ended on the way. */
  "interrupted",
] as const;
export type ReceiverFault = (typeof receiverFaults)[number];

/** A receiver did not take it. The message is a sentence that names no secret. */
export class ReceiverError extends Error {
  readonly fault: ReceiverFault | null;

  constructor(message: string, fault: ReceiverFault | null) {
    super(message);
    this.fault = fault;
  }
}

const byCode: Readonly<Record<string, ReceiverFault>> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "closed",
  EPIPE: "closed",
  ETIMEDOUT: "timed_out",
  ENOTFOUND: "host_not_found",
  EAI_AGAIN: "host_not_found",
  EDNS: "host_not_found",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EPROTO: "tls",
  ETLS: "tls",
  EAUTH: "mail_rejected",
  EENVELOPE: "mail_rejected",
  EMESSAGE: "mail_rejected",
};

/** Codes of OpenSSL and of the check of certificates, which are many. */
const tls = /^ERR_(SSL|TLS)_|CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH$/;
const named = new RegExp(`\\b(${Object.keys(byCode).join("|")})\\b`);

/**
 * The usual reason that an error of a connection stands for, or null. Mail clients put codes of their
 * own over those of the system, which remain in the message.
 */
export function faultOf(error: unknown): ReceiverFault | null {
  if (error instanceof ReceiverError) return error.fault;
  if (!(error instanceof Error)) return null;
  const code = "code" in error ? String(error.code) : "";
  if (tls.test(code) || error.message.includes("SSL routines")) return "tls";
  return byCode[code] ?? byCode[named.exec(error.message)?.[1] ?? ""] ?? null;
}
