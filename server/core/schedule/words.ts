import cronstrue from "cronstrue";
import "cronstrue/locales/en.js";
import "cronstrue/locales/ko.js";

/** A cron pattern in plain words, for each language of the product. */
export interface ScheduleWords {
  en: string;
  ko: string;
}

/** Hour and minute are single numbers and every day matches: then "every day" is worth saying. */
const DAILY = /^(?:\d+ )?\d+ \d+ \* \* \*$/;
/** Minutes past every hour, or past each of a range: Korean needs a word for "every hour" then. */
const PAST_THE_HOUR = /^(?:\d+ )?[\d,]+ (?:\*|\d+-\d+) /;

/**
 * Says what a valid cron pattern means.
 * @returns null for the rare pattern that has no plain words, such as several weekday searches at once
 */
export function describeCron(pattern: string): ScheduleWords | null {
  const text = pattern.trim().replace(/\s+/g, " ");
  // A plus before the day of week asks for both days to match; the describer has an option for that.
  const isBoth = / \+\S+$/.test(text);
  const plain = isBoth ? text.replace(/ \+(\S+)$/, " $1") : text;
  const inLocale = (locale: "en" | "ko") =>
    cronstrue.toString(plain, {
      locale,
      use24HourTimeFormat: true,
      verbose: DAILY.test(plain),
      logicalAndDayFields: isBoth,
    });
  try {
    const ko = inLocale("ko");
    const isBare = PAST_THE_HOUR.test(plain) && /^[\d, ]+분(?:,|$)/.test(ko);
    return { en: inLocale("en"), ko: isBare ? `매시 ${ko}` : ko };
  } catch {
    // The describer throws on what it has no words for; the pattern itself is shown in any case.
    return null;
  }
}
