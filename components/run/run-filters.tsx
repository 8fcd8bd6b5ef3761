"use client";
import { Popover } from "@base-ui/react/popover";
import { ListFilter, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { type FormEvent, useId, useState } from "react";
import { useFlowOptions } from "#components/flow/use-flow-options.ts";
import { StatusIcon } from "#components/status/status.tsx";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { Field } from "#components/ui/field.tsx";
import { FilterSelect } from "#components/ui/filter-select.tsx";
import { Input } from "#components/ui/input.tsx";
import { parseParam } from "#server/core/run/param-filter.ts";
import { runStates, runTriggers } from "#server/core/run/states.ts";
import { EMPTY_QUERY, isFiltered, type RunQuery } from "./run-filter.ts";
import { shortHash } from "./short-id.ts";

/** Which runs to show. Every change is told at once, and stands in the address. */
export function RunFilters({
  query,
  onChange,
}: {
  query: RunQuery;
  onChange: (query: RunQuery) => void;
}) {
  const t = useTranslations("runs");
  const words = useTranslations("common");
  const flow = query.flow === "" ? null : query.flow;
  const flows = useFlowOptions(flow);
  const set = (change: Partial<RunQuery>) => onChange({ ...query, ...change });
  const toggle = <Value extends string>(list: readonly Value[], value: Value) =>
    list.includes(value) ? list.filter((other) => other !== value) : [...list, value];

  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <FilterSelect
          label={words("term.flow")}
          any={t("anyFlow")}
          className="max-w-56"
          value={flow}
          onChange={(value) => set({ flow: value ?? "" })}
          options={flows}
        />
        <fieldset className="flex flex-wrap items-center gap-1">
          <legend className="sr-only">{words("term.state")}</legend>
          {runStates.map((state) => (
            <Button
              key={state}
              variant="ghost"
              size="sm"
              aria-pressed={query.state.includes(state)}
              onClick={() => set({ state: toggle(query.state, state) })}
              className="px-2 aria-pressed:border-line-strong aria-pressed:bg-surface aria-pressed:text-text"
            >
              <StatusIcon state={state} className="size-3.5!" />
              {words(`state.${state}`)}
            </Button>
          ))}
        </fieldset>
        <MoreFilters query={query} onChange={set} />
        {/* In the line of the filters, which is there anyway: no row moves when it comes. */}
        {isFiltered(query) ? (
          <Button
            variant="ghost"
            size="sm"
            className="px-2 text-muted"
            onClick={() => onChange(EMPTY_QUERY)}
          >
            {t("clear")}
          </Button>
        ) : null}
      </div>
      <Chips query={query} onChange={set} />
    </div>
  );
}

/** Filters that are needed less often. */
function MoreFilters({
  query,
  onChange,
}: {
  query: RunQuery;
  onChange: (change: Partial<RunQuery>) => void;
}) {
  const t = useTranslations("runs");
  const words = useTranslations("common");
  const id = useId();
  const [param, setParam] = useState("");
  const [wrong, setWrong] = useState(false);
  const addParam = (event: FormEvent) => {
    event.preventDefault();
    const text = param.trim();
    if (parseParam(text) === null) {
      setWrong(true);
      return;
    }
    setParam("");
    setWrong(false);
    onChange({ param: [...query.param.filter((other) => other !== text), text] });
  };
  return (
    <Popover.Root>
      <Popover.Trigger render={<Button size="sm" variant="ghost" className="px-2" />}>
        <ListFilter aria-hidden className="size-3.5!" />
        {t("more")}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner align="start" sideOffset={4} className="z-50">
          <Popover.Popup
            aria-label={t("more")}
            className="grid w-80 max-w-[calc(100vw-1.5rem)] gap-4 rounded-lg border bg-raised p-4 text-text shadow-pop outline-none"
          >
            <fieldset className="grid gap-1.5">
              <legend className="mb-1 font-medium text-sm">{t("trigger")}</legend>
              <span className="flex flex-wrap gap-1">
                {runTriggers.map((trigger) => {
                  const on = query.trigger.includes(trigger);
                  return (
                    <Button
                      key={trigger}
                      size="sm"
                      aria-pressed={on}
                      className={cn(on && "border-accent bg-accent-soft")}
                      onClick={() =>
                        onChange({
                          trigger: on
                            ? query.trigger.filter((other) => other !== trigger)
                            : [...query.trigger, trigger],
                        })
                      }
                    >
                      {words(`trigger.${trigger}`)}
                    </Button>
                  );
                })}
              </span>
            </fieldset>
            <div className="grid grid-cols-2 gap-2">
              <Field id={`${id}-from`} label={t("from")}>
                <Input
                  id={`${id}-from`}
                  type="date"
                  value={query.from}
                  onChange={(event) => onChange({ from: event.target.value })}
                />
              </Field>
              <Field id={`${id}-to`} label={t("to")}>
                <Input
                  id={`${id}-to`}
                  type="date"
                  value={query.to}
                  onChange={(event) => onChange({ to: event.target.value })}
                />
              </Field>
            </div>
            <form onSubmit={addParam}>
              <Field
                id={`${id}-param`}
                label={t("param")}
                error={wrong ? t("paramWrong") : undefined}
              >
                <span className="flex gap-1.5">
                  <Input
                    id={`${id}-param`}
                    value={param}
                    placeholder="station=seattle"
                    autoComplete="off"
                    spellCheck={false}
                    aria-invalid={wrong}
                    onChange={(event) => setParam(event.target.value)}
                  />
                  <Button type="submit">{t("add")}</Button>
                </span>
              </Field>
            </form>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** The filters that are on, each to be taken away. */
function Chips({
  query,
  onChange,
}: {
  query: RunQuery;
  onChange: (change: Partial<RunQuery>) => void;
}) {
  const t = useTranslations("runs");
  const words = useTranslations("common");
  const chips: { key: string; text: string; off: Partial<RunQuery> }[] = [
    ...query.trigger.map((trigger) => ({
      key: `trigger ${trigger}`,
      text: words(`trigger.${trigger}`),
      off: { trigger: query.trigger.filter((other) => other !== trigger) },
    })),
    ...(query.from === ""
      ? []
      : [{ key: "from", text: t("fromChip", { day: query.from }), off: { from: "" } }]),
    ...(query.to === ""
      ? []
      : [{ key: "to", text: t("toChip", { day: query.to }), off: { to: "" } }]),
    ...query.param.map((param) => ({
      key: `param ${param}`,
      text: param,
      off: { param: query.param.filter((other) => other !== param) },
    })),
    ...(query.identity === ""
      ? []
      : [
          {
            key: "identity",
            text: t("identityChip", { hash: shortHash(query.identity) }),
            off: { identity: "" },
          },
        ]),
    ...(query.backfill === ""
      ? []
      : [
          {
            key: "backfill",
            text: t("backfillChip", { id: query.backfill }),
            off: { backfill: "" },
          },
        ]),
  ];
  if (chips.length === 0) return null;
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {chips.map(({ key, text, off }) => (
        <button
          key={key}
          type="button"
          onClick={() => onChange(off)}
          aria-label={t("removeFilter", { filter: text })}
          className="inline-flex h-6 items-center gap-1 rounded-sm bg-fill-strong px-2 text-xs hover:bg-line-strong"
        >
          {text}
          <X aria-hidden className="size-3" />
        </button>
      ))}
    </div>
  );
}
