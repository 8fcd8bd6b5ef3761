/** Reads `-p name=value`, by the types that the flow's parameters have. */
import type { Json, ParamSchema } from "#server/core/flow/spec.ts";
import { Failure } from "./failure.ts";

/** Collects a repeated option of the form `name=value`. The first equals sign divides. */
export function collectParam(
  text: string,
  previous: readonly [string, string][],
): [string, string][] {
  const at = text.indexOf("=");
  if (at <= 0) {
    throw new Failure("USAGE", `"${text}" is not name=value.`, {
      fix: "Write -p station=seattle.",
    });
  }
  return [...previous, [text.slice(0, at), text.slice(at + 1)]];
}

/**
 * A parameter whose schema allows a string takes the text as it stands; any other is read as JSON.
 * A parameter without a type takes JSON where the text is JSON. Whether the value is allowed is
 * the server's to say.
 * @throws Failure USAGE when a parameter that is no string is not JSON
 */
export function readParams(
  given: readonly (readonly [string, string])[],
  schemas: Readonly<Record<string, ParamSchema>>,
): Record<string, Json> {
  return Object.fromEntries(
    given.map(([name, text]) => {
      const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
      return [name, readValue(name, text, schema)];
    }),
  );
}

function readValue(name: string, text: string, schema: ParamSchema | undefined): Json {
  const types = typesOf(schema);
  if (types.includes("string")) return text;
  const value = parse(text);
  if (value !== undefined) return value;
  if (types.length === 0) return text;
  throw new Failure(
    "USAGE",
    `The parameter "${name}" is ${types.join(" or ")}; "${text}" is not.`,
    {
      fix: `Write it as JSON, quoted for the shell: -p '${name}=…'.`,
    },
  );
}

function typesOf(schema: ParamSchema | undefined): string[] {
  if (schema === undefined) return [];
  const { type } = schema;
  if (type === undefined) {
    const choices = schema.enum;
    const strings = Array.isArray(choices) && choices.every((item) => typeof item === "string");
    return strings ? ["string"] : [];
  }
  return (Array.isArray(type) ? type : [type]).map(String);
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
