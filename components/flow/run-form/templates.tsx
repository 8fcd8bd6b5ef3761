"use client";
import type {
  ArrayFieldItemTemplateProps,
  ArrayFieldTemplateProps,
  FieldTemplateProps,
  MultiSchemaFieldTemplateProps,
  ObjectFieldTemplateProps,
  TemplatesType,
} from "@rjsf/utils";
import { Plus, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#components/ui/button.tsx";
import { Field } from "#components/ui/field.tsx";
import { isFreeObject } from "./json-field.tsx";
import type { FormContext } from "./widgets.tsx";

/** Containers draw their own frame; everything else is a labelled control. */
function FieldTemplate(props: FieldTemplateProps) {
  const t = useTranslations();
  const { schema, id, label, children, rawErrors, rawDescription, required } = props;
  if (props.hidden === true) return null;
  const [name, ...inside] = props.fieldPathId.path;
  const error = (rawErrors?.length ?? 0) > 0 ? rawErrors?.join(" ") : null;
  const alternatives = schema.anyOf !== undefined || schema.oneOf !== undefined;
  if (
    (schema.type === "object" && !isFreeObject(schema)) ||
    schema.type === "array" ||
    alternatives
  ) {
    return (
      <div>
        {children}
        {error === null ? null : (
          <p id={`${id}-error`} role="alert" className="mt-1 text-failed text-xs">
            {error}
          </p>
        )}
      </div>
    );
  }
  // Entries of a list are named by their place; the eye needs no label for that.
  const entry = typeof inside.at(-1) === "number";
  const { defaults } = props.registry.formContext as FormContext;
  const isShown = inside.length === 0 && schema.writeOnly !== true && !isFreeObject(schema);
  const standard = inside.length === 0 ? defaults[String(name)] : undefined;
  const aside =
    standard !== undefined
      ? isShown
        ? t("runForm.default", { value: JSON.stringify(standard) })
        : t("runForm.hasDefault")
      : required === true
        ? undefined
        : t("common.optional");
  return (
    <Field
      id={id}
      label={<span className={entry ? "sr-only" : "font-mono"}>{label}</span>}
      help={rawDescription === "" ? undefined : rawDescription}
      error={error}
      required={required === true && !entry}
      aside={entry ? undefined : aside}
    >
      {children}
    </Field>
  );
}

function ObjectFieldTemplate(props: ObjectFieldTemplateProps) {
  const fields = props.properties.map((property) => (
    <div key={property.name}>{property.content}</div>
  ));
  // The root is the form itself.
  if (props.fieldPathId.path.length === 0) return <div className="grid gap-4">{fields}</div>;
  return (
    <fieldset className="grid gap-3 rounded-md border px-3 pt-1 pb-3">
      <legend className="px-1 font-medium font-mono text-sm">{props.title}</legend>
      {props.description ? <p className="text-muted text-xs">{props.description}</p> : null}
      {fields}
    </fieldset>
  );
}

function ArrayFieldTemplate(props: ArrayFieldTemplateProps) {
  const t = useTranslations("runForm");
  return (
    <fieldset className="grid gap-2 rounded-md border px-3 pt-1 pb-3">
      <legend className="px-1 font-medium font-mono text-sm">{props.title}</legend>
      {props.schema.description ? (
        <p className="text-muted text-xs">{props.schema.description}</p>
      ) : null}
      {props.items.length === 0 ? (
        <p className="text-faint text-xs">{t("noItems")}</p>
      ) : (
        props.items
      )}
      {props.canAdd === true ? (
        <Button size="sm" className="justify-self-start" onClick={() => props.onAddClick()}>
          <Plus aria-hidden />
          {t("addItem")}
        </Button>
      ) : null}
    </fieldset>
  );
}

function ArrayFieldItemTemplate(props: ArrayFieldItemTemplateProps) {
  const t = useTranslations("runForm");
  return (
    <div className="flex items-start gap-2">
      <div className="min-w-0 flex-1">{props.children}</div>
      {props.buttonsProps.hasRemove === true ? (
        <Button
          variant="ghost"
          size="icon"
          aria-label={t("removeItem", { number: props.index + 1 })}
          onClick={() => props.buttonsProps.onRemoveItem()}
        >
          <Trash2 aria-hidden />
        </Button>
      ) : null}
    </div>
  );
}

function MultiSchemaFieldTemplate(props: MultiSchemaFieldTemplateProps) {
  return (
    <div className="grid gap-2">
      {props.selector}
      {props.optionSchemaField}
    </div>
  );
}

const Nothing = () => null;

export const templates: Partial<TemplatesType> = {
  FieldTemplate,
  ObjectFieldTemplate,
  ArrayFieldTemplate,
  ArrayFieldItemTemplate,
  MultiSchemaFieldTemplate,
  ErrorListTemplate: Nothing,
};
