/** Text made safe to stand in an XML element. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"'\r]/g, (character) => `&#${character.charCodeAt(0)};`);

/** What may stand in an element: text, elements already written, or nothing. */
export type XmlContent = string | number | boolean | XmlElement | readonly XmlElement[] | undefined;

/** An element already written. */
export interface XmlElement {
  readonly xml: string;
}

/** Writes an element; content that is undefined writes nothing at all. */
export const element = (name: string, content: XmlContent): XmlElement => {
  if (content === undefined) return { xml: "" };
  return { xml: `<${name}>${inner(content)}</${name}>` };
};

/** A whole document. */
export const xmlDocument = (root: XmlElement): string => `<?xml version="1.0" encoding="UTF-8"?>\n${root.xml}`;

const inner = (content: Exclude<XmlContent, undefined>): string => {
  if (typeof content !== "object") return escapeXml(String(content));
  return "xml" in content ? content.xml : content.map(({ xml }) => xml).join("");
};

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** The raw contents of each element of that name: enough for the flat documents S3 is sent. */
export const elementsOf = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, "g"))].map(([, content = ""]) => content);

/** The text of the first element of that name. */
export const textOf = (xml: string, name: string): string | undefined => {
  const [content] = elementsOf(xml, name);
  return content?.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (entity, hex, decimal, named) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return ENTITIES[named] ?? entity;
  });
};
