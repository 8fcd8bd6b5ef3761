/** What follows a keyword of JSON Schema 2020-12. */
export type KeywordKind =
  | "boolean"
  | "names"
  | "number"
  | "other"
  | "refused"
  | "schema"
  | "schemaMap"
  | "schemas"
  | "text"
  | "value"
  | "values";

/**
 * The keywords that schemas of parameters may use. References are refused: they can make a small
 * schema take exponential time, and a parameter hardly needs them.
 */
export const keywords: ReadonlyMap<string, KeywordKind> = new Map(
  Object.entries<KeywordKind>({
    type: "other",
    title: "text",
    description: "text",
    default: "value",
    examples: "values",
    enum: "values",
    const: "value",
    required: "names",
    format: "text",
    pattern: "text",
    minLength: "number",
    maxLength: "number",
    minimum: "number",
    maximum: "number",
    exclusiveMinimum: "number",
    exclusiveMaximum: "number",
    multipleOf: "number",
    items: "schema",
    prefixItems: "schemas",
    contains: "schema",
    minContains: "number",
    maxContains: "number",
    minItems: "number",
    maxItems: "number",
    uniqueItems: "boolean",
    unevaluatedItems: "schema",
    properties: "schemaMap",
    patternProperties: "schemaMap",
    additionalProperties: "schema",
    propertyNames: "schema",
    minProperties: "number",
    maxProperties: "number",
    unevaluatedProperties: "schema",
    dependentRequired: "other",
    dependentSchemas: "schemaMap",
    allOf: "schemas",
    anyOf: "schemas",
    oneOf: "schemas",
    not: "schema",
    if: "schema",
    // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema is called so
    then: "schema",
    else: "schema",
    deprecated: "boolean",
    readOnly: "boolean",
    writeOnly: "boolean",
    contentEncoding: "text",
    contentMediaType: "text",
    $comment: "text",
    $ref: "refused",
    $dynamicRef: "refused",
    $id: "refused",
    $anchor: "refused",
    $dynamicAnchor: "refused",
    $schema: "refused",
    $vocabulary: "refused",
    $defs: "refused",
    definitions: "refused",
  }),
);
