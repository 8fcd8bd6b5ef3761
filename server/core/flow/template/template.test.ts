import { describe, expect, it } from "vitest";
import { AppError, type ErrorCode } from "../../errors.ts";
import { renderTemplate, renderWith, type TemplateScope } from "./template.ts";
import { analyzeTemplate } from "./template-check.ts";

const scope: TemplateScope = {
  params: { station: "seattle", quoted: "it's", note: null, list: ["a", "b"], n: 3 },
  interval: { start: "2012-01-01T15:00:00.000Z", end: "2012-01-02T15:00:00.000Z" },
  timezone: "Asia/Seoul",
  run: { identity: "f00d" },
  flow: { id: "weather" },
  tasks: { extract: { output: { rows: 7 } }, "a.b": { output: null } },
};

function codeOf(text: string, own: TemplateScope = scope): ErrorCode | null {
  try {
    renderTemplate(text, own);
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

describe("renderTemplate", () => {
  it.each([
    { text: "plain", want: "plain", why: "no template" },
    { text: "{{ params.station }}/{{ flow.id }}", want: "seattle/weather", why: "variables" },
    { text: "{{ tasks.extract.output.rows }}", want: "7", why: "an output" },
    { text: '{{ tasks["a.b"].output }}', want: "", why: "an id with a dot, and no output" },
    { text: "{{ params.note }}", want: "", why: "an optional parameter that was not given" },
    { text: "{{ params.note | default: 'x' }}", want: "x", why: "and its default" },
    { text: "{{ run.identity }} {{ run.timezone }}", want: "f00d Asia/Seoul", why: "the run" },
    { text: "{{ params.quoted | shell_quote }}", want: "'it'\\''s'", why: "one shell word" },
    { text: "{{ params.list | json }}", want: '["a","b"]', why: "JSON" },
    { text: "{% for s in params.list %}{{ s }};{% endfor %}", want: "a;b;", why: "a loop" },
    { text: "{% raw %}{{ x }}{% endraw %}", want: "{{ x }}", why: "no template by request" },
    {
      text: '{{ interval.start | date: "%F %T %z" }}',
      want: "2012-01-01 15:00:00 +0000",
      why: "UTC",
    },
    {
      text: '{{ interval.start | date: "%F %H %z", run.timezone }}',
      want: "2012-01-02 00 +0900",
      why: "another zone",
    },
    { text: '{{ "2012-01-01" | date: "%A %j" }}', want: "Sunday 001", why: "a day, in English" },
    { text: '{{ 86400 | date: "%F" }}', want: "1970-01-02", why: "seconds since 1970" },
    {
      text: '{{ "2012-01-01 09:30" | date: "%H:%M %z" }}',
      want: "09:30 +0000",
      why: "no offset is UTC, wherever the machine stands",
    },
  ])("$text gives $want: $why", ({ text, want }) => {
    expect(renderTemplate(text, scope)).toBe(want);
  });

  it.each([
    { text: "{{ params.staton }}", code: "TEMPLATE_UNKNOWN_VARIABLE", why: "a typo" },
    { text: "{{ params.constructor }}", code: "TEMPLATE_UNKNOWN_VARIABLE", why: "not inherited" },
    { text: "{{ tasks.load.output }}", code: "TEMPLATE_UNKNOWN_VARIABLE", why: "not upstream" },
    { text: '{{ "now" | date: "%Y" }}', code: "TEMPLATE_SYNTAX", why: "no clock" },
    { text: '{{ "today" | date: "%Y" }}', code: "TEMPLATE_SYNTAX", why: "no clock" },
    { text: '{{ params.note | date: "%Y" }}', code: "TEMPLATE_SYNTAX", why: "nothing is no date" },
    { text: '{{ "2024-02-30" | date: "%Y" }}', code: "TEMPLATE_SYNTAX", why: "no such day" },
    { text: "{{ params.list | sample }}", code: "TEMPLATE_SYNTAX", why: "no random" },
    { text: "{% include 'x' %}", code: "TEMPLATE_SYNTAX", why: "no disk" },
    {
      text: "{% for i in (1..1000000000) %}x{% endfor %}",
      code: "TEMPLATE_LIMIT",
      why: "a long loop",
    },
    {
      text: "{% for i in (1..9000) %}{% for j in (1..9000) %}x{% endfor %}{% endfor %}",
      code: "TEMPLATE_LIMIT",
      why: "loops that multiply",
    },
    {
      text: "{% assign s = 'xxxxxxxxxx' %}{% for i in (1..40) %}{% assign s = s | append: s %}{% endfor %}",
      code: "TEMPLATE_LIMIT",
      why: "text that doubles",
    },
    {
      text: `{% for i in (1..2000) %}${"x".repeat(1_000)}{% endfor %}`,
      code: "TEMPLATE_LIMIT",
      why: "a long result",
    },
  ])("refuses $why with $code", ({ text, code }) => {
    expect(codeOf(text)).toBe(code);
  });

  it("says that the run has no interval", () => {
    const none = { ...scope, interval: null };
    expect(codeOf("{{ interval.start }}", none)).toBe("TEMPLATE_UNKNOWN_VARIABLE");
    expect(() => renderTemplate("{{ interval.start }}", none)).toThrow(/the run has no interval/);
  });

  it("does not let one rendering change what the next one sees", () => {
    renderTemplate("{% assign params = 'x' %}{% capture flow %}y{% endcapture %}", scope);
    expect(renderTemplate("{{ params.station }} {{ flow.id }}", scope)).toBe("seattle weather");
  });
});

describe("renderWith", () => {
  it("renders every string below, keeps keys and other values, and leaves verbatim keys alone", () => {
    const value = {
      url: "https://x/{{ params.station }}",
      "{{ key }}": [1, null, true, { deep: "{{ params.n }}" }],
      handler: "{{ left }}",
    };
    expect(renderWith(value, scope, ["handler"])).toEqual({
      url: "https://x/seattle",
      "{{ key }}": [1, null, true, { deep: "3" }],
      handler: "{{ left }}",
    });
  });
});

describe("analyzeTemplate", () => {
  it.each([
    {
      text: "a {{ params.x }} {{tasks.a-b.output.n}}",
      want: ["params.x@5", "tasks.a-b.output.n@19"],
    },
    { text: "{{ params.x | append: params.y }}", want: ["params.x@3", "params.y@22"] },
    { text: "{% if params.x %}\n{{ flow.id }}{% endif %}", want: ["params.x@6", "flow.id@21"] },
    { text: "{% assign p = 1 %}{{ p }}", want: [] },
    { text: "{% raw %}{{ params.x }}{% endraw %}", want: [] },
    { text: "{{ params[flow.id] }}", want: ["params.?@3", "flow.id@10"] },
    { text: '{{ tasks["a.b"].output[0] }}', want: ["tasks.a.b.output.0@3"] },
  ])("finds the variables of $text", ({ text, want }) => {
    const { uses, fault } = analyzeTemplate(text);
    expect(fault).toBeNull();
    const found = uses.map(({ path, index }) => `${path.map((p) => p ?? "?").join(".")}@${index}`);
    expect(found.sort()).toEqual([...want].sort());
  });

  it.each([
    "{{ params.x }}/{{ params.y | upcase }}",
    "{{ interval.start | date: \"%Y-%m-%d\" }} and {{ interval.end|date:'%F'|upcase }}",
    "{{- params.x | truncate: 10 }}",
    '{{ params.x | date: "%F", run.timezone }}',
    '{{ params.x | dat: "%F" }}',
    "{{ params.x | default: params.y }} {{ params.z | shell_quote }}",
    '{{ params.x | append: "}}" }} {{ params.y }}',
    "{{ params.x | upcase: }}",
    "{{ params.x || upcase }}",
    "{{ params.x | }}",
  ])("says the same of %s with and without reading all of it", (text) => {
    // A comment is not plain, so that the whole template is parsed.
    const parsed = analyzeTemplate(`${text}{% comment %}{% endcomment %}`);
    const byPlace = (uses: typeof parsed.uses) => uses.toSorted((a, b) => a.index - b.index);
    const quick = analyzeTemplate(text);
    expect(byPlace(quick.uses)).toEqual(byPlace(parsed.uses));
    expect(quick.fault?.code).toBe(parsed.fault?.code);
  });
});
