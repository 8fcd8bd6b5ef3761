/** Days on which clocks change, zone by zone, with the ticks of expressions around them. */

/** What a cron expression fires between two instants in a zone, and why. */
export interface TickCase {
  zone: string;
  cron: string;
  from: string;
  to: string;
  want: string[];
  why: string;
}

const newYork: Omit<TickCase, "zone">[] = [
  {
    cron: "30 2 * * *",
    from: "2026-03-07T00:00-05:00",
    to: "2026-03-10T00:00-04:00",
    want: ["2026-03-07T02:30-05:00", "2026-03-08T03:00-04:00", "2026-03-09T02:30-04:00"],
    why: "02:30 is skipped and fires when the clock jumps",
  },
  {
    cron: "0 2 * * *",
    from: "2026-03-07T00:00-05:00",
    to: "2026-03-10T00:00-04:00",
    want: ["2026-03-07T02:00-05:00", "2026-03-08T03:00-04:00", "2026-03-09T02:00-04:00"],
    why: "the first skipped time is skipped too",
  },
  {
    cron: "59 1 * * *",
    from: "2026-03-08T00:00-05:00",
    to: "2026-03-09T00:00-04:00",
    want: ["2026-03-08T01:59-05:00"],
    why: "the last minute before the jump exists",
  },
  {
    cron: "0 3 * * *",
    from: "2026-03-08T00:00-05:00",
    to: "2026-03-09T00:00-04:00",
    want: ["2026-03-08T03:00-04:00"],
    why: "the first time after the jump exists",
  },
  {
    cron: "0 2,3 * * *",
    from: "2026-03-08T00:00-05:00",
    to: "2026-03-09T00:00-04:00",
    want: ["2026-03-08T03:00-04:00"],
    why: "a skipped time and the one it moves to are one tick",
  },
  {
    cron: "15,45 2 * * *",
    from: "2026-03-08T00:00-05:00",
    to: "2026-03-09T00:00-04:00",
    want: ["2026-03-08T03:00-04:00"],
    why: "two skipped times move to the same instant",
  },
  {
    cron: "*/20 * * * *",
    from: "2026-03-08T01:30-05:00",
    to: "2026-03-08T03:30-04:00",
    want: ["2026-03-08T01:40-05:00", "2026-03-08T03:00-04:00", "2026-03-08T03:20-04:00"],
    why: "frequent ticks go on without a hole",
  },
  {
    cron: "0 * * * *",
    from: "2026-03-08T00:00-05:00",
    to: "2026-03-08T05:00-04:00",
    want: [
      "2026-03-08T00:00-05:00",
      "2026-03-08T01:00-05:00",
      "2026-03-08T03:00-04:00",
      "2026-03-08T04:00-04:00",
    ],
    why: "every hour that passes has one tick",
  },
  {
    cron: "59 59 2 * * *",
    from: "2026-03-08T00:00-05:00",
    to: "2026-03-09T00:00-04:00",
    want: ["2026-03-08T03:00-04:00"],
    why: "seconds are skipped as minutes are",
  },
  {
    cron: "0 12 * * *",
    from: "2026-03-07T00:00-05:00",
    to: "2026-03-09T00:00-04:00",
    want: ["2026-03-07T17:00Z", "2026-03-08T16:00Z"],
    why: "noon stays noon while UTC moves",
  },
  {
    cron: "30 2 * * 0",
    from: "2026-03-01T00:00-05:00",
    to: "2026-03-16T00:00-04:00",
    want: ["2026-03-01T02:30-05:00", "2026-03-08T03:00-04:00", "2026-03-15T02:30-04:00"],
    why: "weekly on the day of the change",
  },
  {
    cron: "30 2 8 3 *",
    from: "2026-01-01T00:00Z",
    to: "2028-01-01T00:00Z",
    want: ["2026-03-08T03:00-04:00", "2027-03-08T02:30-05:00"],
    why: "yearly, skipped in one year only",
  },
  {
    cron: "30 1 * * *",
    from: "2026-10-31T00:00-04:00",
    to: "2026-11-03T00:00-05:00",
    want: ["2026-10-31T01:30-04:00", "2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00"],
    why: "01:30 is shown twice and fires the first time",
  },
  {
    cron: "0 1 * * *",
    from: "2026-11-01T00:00-04:00",
    to: "2026-11-02T00:00-05:00",
    want: ["2026-11-01T01:00-04:00"],
    why: "the first repeated minute",
  },
  {
    cron: "59 59 1 * * *",
    from: "2026-11-01T00:00-04:00",
    to: "2026-11-02T00:00-05:00",
    want: ["2026-11-01T01:59:59-04:00"],
    why: "the last repeated second",
  },
  {
    cron: "0 2 * * *",
    from: "2026-11-01T00:00-04:00",
    to: "2026-11-02T00:00-05:00",
    want: ["2026-11-01T02:00-05:00"],
    why: "02:00 is first shown an hour after the clock was put back",
  },
  {
    cron: "*/30 * * * *",
    from: "2026-11-01T00:30-04:00",
    to: "2026-11-01T02:30-05:00",
    want: [
      "2026-11-01T00:30-04:00",
      "2026-11-01T01:00-04:00",
      "2026-11-01T01:30-04:00",
      "2026-11-01T02:00-05:00",
    ],
    why: "each time shown fires once, frequent ones too",
  },
  {
    cron: "0 * * * *",
    from: "2026-11-01T00:00-04:00",
    to: "2026-11-01T04:00-05:00",
    want: [
      "2026-11-01T00:00-04:00",
      "2026-11-01T01:00-04:00",
      "2026-11-01T02:00-05:00",
      "2026-11-01T03:00-05:00",
    ],
    why: "the hourly tick of the repeated hour covers two hours",
  },
  {
    cron: "0 0 * * *",
    from: "2026-11-01T00:00-04:00",
    to: "2026-11-03T00:00-05:00",
    want: ["2026-11-01T00:00-04:00", "2026-11-02T00:00-05:00"],
    why: "a day of 25 hours",
  },
  {
    cron: "30 1 * * *",
    from: "2026-11-01T01:15-05:00",
    to: "2026-11-03T00:00-05:00",
    want: ["2026-11-02T01:30-05:00"],
    why: "asked within the second showing: it has fired already",
  },
  {
    cron: "30 1 1 11 *",
    from: "2025-01-01T00:00Z",
    to: "2027-01-01T00:00Z",
    want: ["2025-11-01T01:30-04:00", "2026-11-01T01:30-04:00"],
    why: "yearly, repeated in one year only",
  },
];

const berlin: Omit<TickCase, "zone">[] = [
  {
    cron: "30 2 * * *",
    from: "2026-03-28T00:00+01:00",
    to: "2026-03-31T00:00+02:00",
    want: ["2026-03-28T02:30+01:00", "2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"],
    why: "skipped in spring",
  },
  {
    cron: "0 2-4 * * *",
    from: "2026-03-29T00:00+01:00",
    to: "2026-03-30T00:00+02:00",
    want: ["2026-03-29T03:00+02:00", "2026-03-29T04:00+02:00"],
    why: "the first of a range is skipped into the second",
  },
  {
    cron: "15,45 2 * * *",
    from: "2026-03-29T00:00+01:00",
    to: "2026-03-31T00:00+02:00",
    want: ["2026-03-29T03:00+02:00", "2026-03-30T02:15+02:00", "2026-03-30T02:45+02:00"],
    why: "both skipped, one tick; the day after both",
  },
  {
    cron: "30 2 * * 0L",
    from: "2026-03-01T00:00+01:00",
    to: "2026-05-01T00:00+02:00",
    want: ["2026-03-29T03:00+02:00", "2026-04-26T02:30+02:00"],
    why: "the last Sunday is the day of the change",
  },
  {
    cron: "30 2 * * *",
    from: "2026-10-24T00:00+02:00",
    to: "2026-10-27T00:00+01:00",
    want: ["2026-10-24T02:30+02:00", "2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"],
    why: "repeated in autumn",
  },
  {
    cron: "0 2 * * *",
    from: "2026-10-25T00:00+02:00",
    to: "2026-10-26T00:00+01:00",
    want: ["2026-10-25T02:00+02:00"],
    why: "the first repeated minute",
  },
  {
    cron: "0 3 * * *",
    from: "2026-10-25T00:00+02:00",
    to: "2026-10-26T00:00+01:00",
    want: ["2026-10-25T03:00+01:00"],
    why: "03:00 comes once, after the repetition",
  },
  {
    cron: "*/15 2 * * *",
    from: "2026-10-25T00:00+02:00",
    to: "2026-10-26T00:00+01:00",
    want: [
      "2026-10-25T02:00+02:00",
      "2026-10-25T02:15+02:00",
      "2026-10-25T02:30+02:00",
      "2026-10-25T02:45+02:00",
    ],
    why: "four times shown twice are four ticks",
  },
];

const lordHowe: Omit<TickCase, "zone">[] = [
  {
    cron: "15 2 * * *",
    from: "2026-10-03T00:00+10:30",
    to: "2026-10-06T00:00+11:00",
    want: ["2026-10-03T02:15+10:30", "2026-10-04T02:30+11:00", "2026-10-05T02:15+11:00"],
    why: "half an hour is skipped",
  },
  {
    cron: "0 2 * * *",
    from: "2026-10-04T00:00+10:30",
    to: "2026-10-05T00:00+11:00",
    want: ["2026-10-04T02:30+11:00"],
    why: "the first skipped time",
  },
  {
    cron: "0,15,30,45 2 * * *",
    from: "2026-10-04T00:00+10:30",
    to: "2026-10-05T00:00+11:00",
    want: ["2026-10-04T02:30+11:00", "2026-10-04T02:45+11:00"],
    why: "two are skipped into the third",
  },
  {
    cron: "*/10 * * * *",
    from: "2026-10-04T01:45+10:30",
    to: "2026-10-04T02:55+11:00",
    want: [
      "2026-10-04T01:50+10:30",
      "2026-10-04T02:30+11:00",
      "2026-10-04T02:40+11:00",
      "2026-10-04T02:50+11:00",
    ],
    why: "frequent ticks over half an hour",
  },
  {
    cron: "45 1 * * *",
    from: "2026-04-04T00:00+11:00",
    to: "2026-04-07T00:00+10:30",
    want: ["2026-04-04T01:45+11:00", "2026-04-05T01:45+11:00", "2026-04-06T01:45+10:30"],
    why: "half an hour is repeated",
  },
  {
    cron: "30 1 * * *",
    from: "2026-04-05T00:00+11:00",
    to: "2026-04-06T00:00+10:30",
    want: ["2026-04-05T01:30+11:00"],
    why: "the first repeated minute",
  },
  {
    cron: "0 2 * * *",
    from: "2026-04-05T00:00+11:00",
    to: "2026-04-06T00:00+10:30",
    want: ["2026-04-05T02:00+10:30"],
    why: "at 02:00 the clock is put back before it shows 02:00",
  },
  {
    cron: "*/15 * * * *",
    from: "2026-04-05T01:15+11:00",
    to: "2026-04-05T02:20+10:30",
    want: [
      "2026-04-05T01:15+11:00",
      "2026-04-05T01:30+11:00",
      "2026-04-05T01:45+11:00",
      "2026-04-05T02:00+10:30",
      "2026-04-05T02:15+10:30",
    ],
    why: "frequent ticks pause while times are shown again",
  },
];

const seoul: Omit<TickCase, "zone">[] = [
  {
    cron: "0 2 * * *",
    from: "2026-03-28T00:00+09:00",
    to: "2026-03-31T00:00+09:00",
    want: ["2026-03-28T02:00+09:00", "2026-03-29T02:00+09:00", "2026-03-30T02:00+09:00"],
    why: "no change today",
  },
  {
    cron: "30 2 * * *",
    from: "1987-05-09T00:00+09:00",
    to: "1987-05-12T00:00+10:00",
    want: ["1987-05-09T02:30+09:00", "1987-05-10T03:00+10:00", "1987-05-11T02:30+10:00"],
    why: "the summer time of 1987 began at 02:00",
  },
  {
    cron: "30 2 * * *",
    from: "1987-10-10T00:00+10:00",
    to: "1987-10-13T00:00+09:00",
    want: ["1987-10-10T02:30+10:00", "1987-10-11T02:30+10:00", "1987-10-12T02:30+09:00"],
    why: "and ended at 03:00",
  },
];

const saoPaulo: Omit<TickCase, "zone">[] = [
  {
    cron: "0 0 * * *",
    from: "2018-11-03T00:00-03:00",
    to: "2018-11-06T00:00-02:00",
    want: ["2018-11-03T00:00-03:00", "2018-11-04T01:00-02:00", "2018-11-05T00:00-02:00"],
    why: "midnight itself was skipped",
  },
  {
    cron: "30 0 * * *",
    from: "2018-11-04T00:00-03:00",
    to: "2018-11-05T00:00-02:00",
    want: ["2018-11-04T01:00-02:00"],
    why: "half past midnight was skipped",
  },
  {
    cron: "15 0 * * *",
    from: "2017-10-15T00:00-03:00",
    to: "2017-10-16T00:00-02:00",
    want: ["2017-10-15T01:00-02:00"],
    why: "the year before it was in October",
  },
  {
    cron: "30 23 * * *",
    from: "2019-02-16T00:00-02:00",
    to: "2019-02-18T00:00-03:00",
    want: ["2019-02-16T23:30-02:00", "2019-02-17T23:30-03:00"],
    why: "the last hour of the day was repeated",
  },
  {
    cron: "0 0 * * *",
    from: "2019-02-16T00:00-02:00",
    to: "2019-02-18T00:00-03:00",
    want: ["2019-02-16T00:00-02:00", "2019-02-17T00:00-03:00"],
    why: "midnight was put off by an hour",
  },
  {
    cron: "0 0 * * *",
    from: "2019-11-02T00:00-03:00",
    to: "2019-11-05T00:00-03:00",
    want: ["2019-11-02T00:00-03:00", "2019-11-03T00:00-03:00", "2019-11-04T00:00-03:00"],
    why: "summer time was given up in 2019",
  },
];

const elsewhere: TickCase[] = [
  {
    zone: "Pacific/Apia",
    cron: "0 12 * * *",
    from: "2011-12-29T00:00-10:00",
    to: "2012-01-01T00:00+14:00",
    want: ["2011-12-29T12:00-10:00", "2011-12-31T00:00+14:00", "2011-12-31T12:00+14:00"],
    why: "a whole day was skipped",
  },
  {
    zone: "Europe/Dublin",
    cron: "30 1 * * *",
    from: "2026-03-29T00:00+00:00",
    to: "2026-03-30T00:00+01:00",
    want: ["2026-03-29T02:00+01:00"],
    why: "winter time is the exception in Ireland",
  },
  {
    zone: "Pacific/Chatham",
    cron: "0 3 * * *",
    from: "2026-04-05T00:00+13:45",
    to: "2026-04-06T00:00+12:45",
    want: ["2026-04-05T03:00+13:45"],
    why: "offsets with quarters of an hour",
  },
  {
    zone: "Antarctica/Troll",
    cron: "0 1,2 * * *",
    from: "2026-03-29T00:00+00:00",
    to: "2026-03-30T00:00+02:00",
    want: ["2026-03-29T03:00+02:00"],
    why: "two hours are skipped",
  },
  {
    zone: "UTC",
    cron: "30 2 * * *",
    from: "2026-03-08T00:00Z",
    to: "2026-03-09T00:00Z",
    want: ["2026-03-08T02:30Z"],
    why: "nothing ever changes",
  },
];

export const tickCases: TickCase[] = [
  ...newYork.map((row) => ({ zone: "America/New_York", ...row })),
  ...berlin.map((row) => ({ zone: "Europe/Berlin", ...row })),
  ...lordHowe.map((row) => ({ zone: "Australia/Lord_Howe", ...row })),
  ...seoul.map((row) => ({ zone: "Asia/Seoul", ...row })),
  ...saoPaulo.map((row) => ({ zone: "America/Sao_Paulo", ...row })),
  ...elsewhere,
];
