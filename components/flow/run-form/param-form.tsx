"use client";
// Not from the package's index: that also loads a validator that needs `eval`, for its own tests.
import Form from "@rjsf/core/lib/components/Form.js";
import type { ErrorSchema, RJSFSchema, UiSchema } from "@rjsf/utils";
import { useMemo } from "react";
import type { Json, ParamSchema } from "#server/core/flow/spec.ts";
import { isFreeObject, JsonField } from "./json-field.tsx";
import { rjsfValidator } from "./rjsf-validator.ts";
import { templates } from "./templates.tsx";
import { type FormContext, widgets } from "./widgets.tsx";

/** Objects of which nothing more is said are written as JSON. */
function uiSchemaOf(schemas: Readonly<Record<string, ParamSchema>>): UiSchema {
  const free = Object.entries(schemas)
    .filter(([, schema]) => isFreeObject(schema as RJSFSchema))
    .map(([name]) => [name, { "ui:field": JsonField }] as const);
  return { "ui:submitButtonOptions": { norender: true }, ...Object.fromEntries(free) };
}

/**
 * One schema for all parameters. `required` beside a type is a word of flows; in JSON Schema it is a
 * list. Defaults are left out: the draft has filled them in, and an emptied field must stay empty.
 */
function objectSchema(
  schemas: Readonly<Record<string, ParamSchema>>,
  required: readonly string[],
): RJSFSchema {
  // The canonical form of a flow does not keep the author's order: what must be given comes first.
  const names = Object.keys(schemas).sort(
    (a, b) => Number(required.includes(b)) - Number(required.includes(a)) || (a < b ? -1 : 1),
  );
  const properties = Object.fromEntries(
    names.map((name) => {
      const { required: inner, default: _, ...rest } = schemas[name] ?? {};
      return [name, Array.isArray(inner) ? { ...rest, required: inner } : rest];
    }),
  );
  return { type: "object", properties, required: [...required] } as RJSFSchema;
}

/** Fields for the parameters of a flow, drawn from their schemas. Errors are given by the owner. */
export function ParamForm({
  schemas,
  required,
  values,
  errors,
  zone,
  onChange,
}: {
  schemas: Readonly<Record<string, ParamSchema>>;
  required: readonly string[];
  values: Record<string, Json>;
  errors: ErrorSchema;
  zone: string;
  onChange: (values: Record<string, Json>) => void;
}) {
  const schema = useMemo(() => objectSchema(schemas, required), [schemas, required]);
  const uiSchema = useMemo(() => uiSchemaOf(schemas), [schemas]);
  const formContext = useMemo<FormContext>(() => {
    const given = Object.entries(schemas).flatMap(([name, { default: value }]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    return { zone, defaults: Object.fromEntries(given) };
  }, [schemas, zone]);
  return (
    <Form
      tagName="div"
      idPrefix="param"
      schema={schema}
      uiSchema={uiSchema}
      formData={values}
      formContext={formContext}
      validator={rjsfValidator}
      widgets={widgets}
      templates={templates}
      extraErrors={errors}
      noValidate
      noHtml5Validate
      showErrorList={false}
      onChange={(event) => onChange(dropEmpty(event.formData))}
    />
  );
}

/** A field that was emptied is absent, not `undefined`, which JSON does not have. */
function dropEmpty(values: unknown): Record<string, Json> {
  const entries = Object.entries((values ?? {}) as Record<string, Json | undefined>);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
}
