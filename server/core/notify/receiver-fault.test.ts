import { expect, it } from "vitest";
import { faultOf, ReceiverError } from "./receiver-fault.ts";

const failure = (message: string, code?: string) => Object.assign(new Error(message), { code });

it.each([
  { error: failure("connect ECONNREFUSED ::1:9", "ECONNREFUSED"), want: "refused" },
  { error: failure("connect ECONNREFUSED ::1:25", "ESOCKET"), want: "refused", why: "of a mail" },
  { error: failure("getaddrinfo ENOTFOUND nowhere.test", "EDNS"), want: "host_not_found" },
  { error: failure("Greeting never received", "ETIMEDOUT"), want: "timed_out" },
  { error: failure("certificate has expired", "CERT_HAS_EXPIRED"), want: "tls" },
  { error: failure("self-signed", "DEPTH_ZERO_SELF_SIGNED_CERT"), want: "tls" },
  { error: failure("E0:SSL routines:wrong version number", "ESOCKET"), want: "tls" },
  { error: failure("Invalid login: 535", "EAUTH"), want: "mail_rejected" },
  { error: new ReceiverError("x answered 503.", "http_status"), want: "http_status" },
  { error: failure("something else", "EWHAT"), want: null },
  { error: "no error", want: null },
])("reads $error as $want", ({ error, want }) => expect(faultOf(error)).toBe(want));
