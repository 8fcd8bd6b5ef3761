import type { Json } from "../spec.ts";

type JsonMap = { [key: string]: Json };

/** Writes a definition as XML, for tests: every text as an attribute or a preserved element. */
export function flowXml(flow: JsonMap): string {
  const { tags, params, tasks, ...attributes } = flow;
  const parts = [
    ...((tags ?? []) as string[]).map((tag) => element("tag", {}, tag)),
    ...Object.entries((params ?? {}) as Record<string, JsonMap>).map(([name, schema]) =>
      element("param", { name, ...schema }),
    ),
    ...Object.entries(tasks as Record<string, JsonMap>).map(([id, task]) => taskXml(id, task)),
  ];
  return `<flow${attributesXml(attributes)}>${parts.join("\n")}</flow>`;
}

function taskXml(id: string, task: JsonMap): string {
  const { env, headers, retry, body, needs, description, ...attributes } = task;
  const named = (name: string, values: Json | undefined) =>
    Object.entries((values ?? {}) as Record<string, string>).map(([key, value]) =>
      element(name, { name: key }, value),
    );
  const children = [
    ...named("env", env),
    ...named("header", headers),
    ...(retry === undefined ? [] : [element("retry", retry as JsonMap)]),
    ...(description === undefined ? [] : [element("description", {}, String(description))]),
    ...(body === undefined ? [] : [`<body as="json">${escapeXml(JSON.stringify(body))}</body>`]),
  ];
  const words = (needs as string[]).join(" ");
  return `<task${attributesXml({ id, needs: words, ...attributes })}>${children.join("")}</task>`;
}

function element(name: string, attributes: JsonMap, text?: string): string {
  if (text === undefined) return `<${name}${attributesXml(attributes)}/>`;
  return `<${name}${attributesXml(attributes)} xml:space="preserve">${escapeXml(text)}</${name}>`;
}

function attributesXml(attributes: JsonMap): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join("");
}

/** White space becomes references, since attributes and line ends are normalised otherwise. */
function escapeXml(text: string): string {
  return text.replace(/[<>&"'\t\r\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}
