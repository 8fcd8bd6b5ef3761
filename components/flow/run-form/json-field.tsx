"use client";
import type { FieldProps, RJSFSchema } from "@rjsf/utils";
import { useState } from "react";
import { describedBy } from "#components/ui/field.tsx";
import { Textarea } from "#components/ui/input.tsx";
import { readJsonText, writeJsonText } from "./json-text.ts";

/** Whether a value is an object whose schema names none of its keys: there is nothing to draw fields from. */
export function isFreeObject({ type, properties, anyOf, oneOf }: RJSFSchema): boolean {
  return (
    type === "object" &&
    Object.keys(properties ?? {}).length === 0 &&
    anyOf === undefined &&
    oneOf === undefined
  );
}

/** Such an object, written as JSON. Text that is no JSON is handed on as it is, so that the check says so. */
export function JsonField({ fieldPathId, formData, schema, rawErrors, onChange }: FieldProps) {
  const [text, setText] = useState(() => writeJsonText(formData));
  const id = fieldPathId.$id;
  const isBad = (rawErrors?.length ?? 0) > 0;
  return (
    <Textarea
      id={id}
      rows={Math.min(12, Math.max(3, text.split("\n").length))}
      spellCheck={false}
      className="font-mono"
      value={text}
      aria-invalid={isBad ? true : undefined}
      aria-describedby={describedBy(id, schema.description, isBad)}
      onChange={(event) => {
        setText(event.target.value);
        onChange(readJsonText(event.target.value), fieldPathId.path);
      }}
    />
  );
}
