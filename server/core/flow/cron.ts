import { type CronFault, readCron } from "../schedule/cron.ts";

/**
 * Checks a cron pattern of five fields, or six with seconds first, by the reader that fires it.
 * @returns null when the pattern is valid and matches some day
 */
export function cronFault(pattern: string): CronFault | null {
  const read = readCron(pattern);
  return read.ok ? null : read.fault;
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
