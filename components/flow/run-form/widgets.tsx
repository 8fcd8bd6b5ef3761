"use client";
import type { RegistryWidgetsType, WidgetProps } from "@rjsf/utils";
import { useTranslations } from "next-intl";
import type { ComponentProps } from "react";
import { describedBy } from "#components/ui/field.tsx";
import { Input, Textarea } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import type { Json } from "#server/core/flow/spec.ts";
import { instantOf, wallOf, withOffset } from "./wall-time.ts";

/** Handed to widgets by the form around them. */
export interface FormContext {
  /** Zone in which date-times are read and shown. */
  zone: string;
  /** Defaults of the parameters that have one. */
  defaults: Readonly<Record<string, Json>>;
}

type Props = WidgetProps;

function isBad({ rawErrors }: Props): boolean {
  return (rawErrors?.length ?? 0) > 0;
}

function aboutOf(props: Props): string | undefined {
  return describedBy(props.id, props.schema.description, isBad(props));
}

function common(props: Props) {
  const { id, required, disabled, readonly, autofocus } = props;
  return {
    id,
    disabled: disabled === true || readonly === true,
    "aria-required": required === true ? true : undefined,
    "aria-invalid": isBad(props) ? true : undefined,
    "aria-describedby": aboutOf(props),
    autoFocus: autofocus === true,
  } satisfies ComponentProps<"input">;
}

/** Text that is empty counts as not given. Numbers come here too, unless their widget is named. */
function TextWidget(props: Props) {
  if (props.schema.type === "number" || props.schema.type === "integer") {
    return <NumberWidget {...props} />;
  }
  const { format, writeOnly } = props.schema;
  // What a flow marks as written only is not to be read over a shoulder.
  const type = writeOnly === true ? "password" : format === "email" ? "email" : "text";
  return (
    <Input
      {...common(props)}
      type={type}
      value={props.value === undefined || props.value === null ? "" : String(props.value)}
      placeholder={props.placeholder}
      spellCheck={false}
      autoComplete={type === "password" ? "new-password" : "off"}
      onChange={(event) =>
        props.onChange(event.target.value === "" ? undefined : event.target.value)
      }
    />
  );
}

function TextareaWidget(props: Props) {
  return (
    <Textarea
      id={props.id}
      rows={4}
      aria-describedby={aboutOf(props)}
      aria-invalid={isBad(props) ? true : undefined}
      value={props.value === undefined || props.value === null ? "" : String(props.value)}
      onChange={(event) =>
        props.onChange(event.target.value === "" ? undefined : event.target.value)
      }
    />
  );
}

/** A number field hands on what is not a number as it is, so that the check can say so. */
function NumberWidget(props: Props) {
  const { minimum, maximum, multipleOf, type } = props.schema;
  return (
    <Input
      {...common(props)}
      type="number"
      inputMode={type === "integer" ? "numeric" : "decimal"}
      min={minimum}
      max={maximum}
      step={multipleOf ?? (type === "integer" ? 1 : "any")}
      value={props.value === undefined || props.value === null ? "" : String(props.value)}
      className="max-w-56"
      onChange={(event) => {
        const text = event.target.value;
        const number = Number(text);
        props.onChange(text === "" ? undefined : Number.isFinite(number) ? number : text);
      }}
    />
  );
}

function CheckboxWidget(props: Props) {
  return (
    <span className="flex h-8 items-center gap-2">
      <input
        {...common(props)}
        type="checkbox"
        checked={props.value === true}
        onChange={(event) => props.onChange(event.target.checked)}
        className="size-4 accent-accent"
      />
      <span aria-hidden className="text-muted text-sm">
        <OnOff on={props.value === true} />
      </span>
    </span>
  );
}

function OnOff({ on }: { on: boolean }) {
  const t = useTranslations("common");
  return t(on ? "yes" : "no");
}

const NOTHING = "none";

function SelectWidget(props: Props) {
  const t = useTranslations("runForm");
  const choices = props.options.enumOptions ?? [];
  const position = choices.findIndex(
    (choice) => JSON.stringify(choice.value) === JSON.stringify(props.value),
  );
  const options = choices.map((choice, index) => ({ value: String(index), label: choice.label }));
  if (props.required !== true) options.unshift({ value: NOTHING, label: t("notGiven") });
  return (
    <Select
      id={props.id}
      value={position === -1 ? (props.required === true ? null : NOTHING) : String(position)}
      options={options}
      placeholder={t("choose")}
      disabled={props.disabled === true}
      invalid={isBad(props)}
      describedBy={aboutOf(props)}
      className="w-full max-w-80"
      onChange={(value) =>
        props.onChange(value === NOTHING ? undefined : choices[Number(value)]?.value)
      }
    />
  );
}

function DateWidget(props: Props) {
  return (
    <Input
      {...common(props)}
      type="date"
      value={typeof props.value === "string" ? props.value : ""}
      className="max-w-56"
      onChange={(event) =>
        props.onChange(event.target.value === "" ? undefined : event.target.value)
      }
    />
  );
}

function DateTimeWidget(props: Props) {
  const { zone } = props.registry.formContext as FormContext;
  const valid = typeof props.value === "string" && !Number.isNaN(Date.parse(props.value));
  return (
    <span className="flex items-center gap-2">
      <Input
        {...common(props)}
        type="datetime-local"
        step={1}
        value={valid ? wallOf(props.value as string, zone) : ""}
        className="max-w-64"
        onChange={(event) => {
          const instant = instantOf(event.target.value, zone);
          props.onChange(instant === null ? undefined : withOffset(instant, zone));
        }}
      />
      <span className="text-faint text-xs">{zone}</span>
    </span>
  );
}

export const widgets: RegistryWidgetsType = {
  TextWidget,
  EmailWidget: TextWidget,
  URLWidget: TextWidget,
  PasswordWidget: TextWidget,
  TextareaWidget,
  UpDownWidget: NumberWidget,
  CheckboxWidget,
  SelectWidget,
  RadioWidget: SelectWidget,
  DateWidget,
  DateTimeWidget,
};
