import { createTransport } from "nodemailer";
import type { EmailSettings } from "#server/core/notify/channel.ts";
import { faultOf, ReceiverError } from "#server/core/notify/receiver-fault.ts";
import type { Notifier } from "#server/plugins/notifier-sdk.ts";

const STEP_LIMIT_MS = 8_000;

/** A mail through an SMTP server: plain text, one for all recipients. */
export const email: Notifier<EmailSettings> = {
  async send({ id, message }, { settings, secret, signal }) {
    const { host, port, tls, user, from, to } = settings;
    const transport = createTransport({
      host,
      port,
      secure: tls,
      connectionTimeout: STEP_LIMIT_MS,
      greetingTimeout: STEP_LIMIT_MS,
      socketTimeout: STEP_LIMIT_MS,
      ...(user === "" ? {} : { auth: { user, pass: secret ?? "" } }),
      // A password does not travel in the clear.
      ...(user === "" || tls ? {} : { requireTLS: true }),
    });
    const stop = () => transport.close();
    signal.addEventListener("abort", stop, { once: true });
    try {
      const sent = await transport.sendMail({
        from,
        to,
        subject: message.title,
        text: [...message.lines, "", message.link].join("\n"),
        messageId: `<${id}@idem>`,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      return sent.response;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const fault = signal.aborted ? "timed_out" : faultOf(error);
      throw new ReceiverError(`${host}:${port} did not take the mail: ${why}`, fault);
    } finally {
      signal.removeEventListener("abort", stop);
      transport.close();
    }
  },
};
