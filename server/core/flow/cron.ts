import { Cron } from "croner";

/** Why a schedule cannot be used, and what to do, each in one sentence. */
export interface ScheduleFault {
  message: string;
  fix: string;
}

/** A fixed instant to search from: whether a pattern can ever match does not depend on today. */
const REFERENCE = new Date("2000-01-01T00:00:00Z");
const CRON_FIX =
  "Write five fields: minute, hour, day of month, month, day of week, such as 0 2 * * *.";

/**
 * Checks a cron pattern of five fields, or six with seconds first.
 * @param timezone a valid IANA zone
 * @returns null when the pattern is valid and matches some instant
 */
export function cronFault(pattern: string, timezone: string): ScheduleFault | null {
  const fields = pattern.trim().split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) {
    return { message: "A cron pattern has five fields, or six with seconds first.", fix: CRON_FIX };
  }
  if (pattern.includes("?")) {
    return {
      message: 'In a cron pattern "?" stands for the time at which it is read.',
      fix: "Write * instead of ?.",
    };
  }
  try {
    const next = new Cron(pattern, { timezone, paused: true }).nextRun(REFERENCE);
    if (next !== null) return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      message: `The cron pattern is not valid: ${reason.replace(/^CronPattern: /, "").replace(/\.$/, "")}.`,
      fix: CRON_FIX,
    };
  }
  return {
    message: "The cron pattern matches no day of any year.",
    fix: "Choose a day that its month has.",
  };
}

/** Whether the name is one of the IANA time zones that this system knows, such as Asia/Seoul. */
export function isTimezone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false; // offsets such as +09:00 are no zones
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Names to suggest; aliases are valid without being listed. */
export function knownTimezones(): string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone")];
}
