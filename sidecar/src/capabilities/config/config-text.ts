import { parseExactJson, toJson } from '@bottle/protos';
import { type Document, isMap, isScalar, LineCounter, type Pair, parseDocument, type YAMLMap } from 'yaml';

/** JSON texts by key. */
export type ConfigValues = ReadonlyMap<string, string>;

/** The values of a YAML or JSON text: one mapping, or nothing. Throws an Error that says what is wrong, and where. */
export function parseConfigText(text: string): ConfigValues {
  const document = parse(text);
  const data: unknown = document.toJS({ maxAliasCount: 100 }) ?? {};
  if (typeof data !== 'object' || Array.isArray(data)) throw new Error('expected one mapping of keys to values');
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(data as object)) {
    assertFinite(key, value);
    values.set(key, toJson(value) ?? 'null');
  }
  return values;
}

/** JSON has no infinities, YAML does. Aliases are counted by the parser, so it ends. */
function assertFinite(key: string, part: unknown): void {
  if (typeof part === 'number' && !Number.isFinite(part)) throw new Error(`${key}: ${part} has no JSON form`);
  if (typeof part !== 'object' || part === null) return;
  for (const child of Object.values(part)) assertFinite(key, child);
}

/** The text with a key's value replaced, or removed when it is undefined. Comments and the order of keys stay. */
export function editConfigText(text: string, key: string, valueJson: string | undefined): string {
  const document = parse(text);
  if (document.contents === null) document.contents = document.createNode({}) as YAMLMap.Parsed;
  const map = document.contents;
  if (!isMap(map)) throw new Error('expected one mapping of keys to values');
  const pairs = map.items as Pair[];
  const at = pairs.findIndex(({ key: known }) => String(isScalar(known) ? known.value : known) === key);
  const pair = pairs[at];
  if (valueJson === undefined) {
    if (pair) pairs.splice(at, 1);
  } else {
    const value = document.createNode(parseExactJson(valueJson));
    if (pair) pair.value = value;
    else pairs.push(document.createPair(key, value));
  }
  return document.toString({ lineWidth: 0 });
}

/** The same for a file of JSON. */
export function editJsonText(text: string, key: string, valueJson: string | undefined): string {
  const values = new Map(parseConfigText(text));
  if (valueJson === undefined) values.delete(key);
  else values.set(key, valueJson);
  const data = Object.fromEntries([...values].map(([name, json]) => [name, parseExactJson(json)]));
  return `${toJson(data, 2) ?? ''}\n`;
}

function parse(text: string): Document.Parsed {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, uniqueKeys: true, prettyErrors: false, intAsBigInt: true });
  const [error] = document.errors;
  if (error) throw new Error(`line ${lineCounter.linePos(error.pos[0]).line}: ${error.message}`);
  return document;
}
