// A configuration file in memory, so that a change costs what it changes, however many keys there are. A text that is a
// plain block mapping is kept key by key: of an edited one, the parts that are new are parsed, a few milliseconds at a time.
// Any other (JSON, one flow mapping, anchors, several documents, mistakes) is parsed as a whole, in a thread when it is long.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MAX_CONFIG_KEYS } from '@bottle/capabilities';
import { type ConfigValues, editConfigText, editJsonText, parseConfigText } from './config-text.ts';
import { type ConfigTextEdit, configTextInThread } from './config-text-worker.ts';

const SLICE_MS = 5;
/** Longer texts are parsed in a thread: that takes 10 to 40 ms for so many characters. */
const THREAD_LENGTH = 32 * 1024;
/** More than one document, directives, keys that are no plain text. */
const ENTANGLED = /^(?:---|\.\.\.|%|\uFEFF|\?)/m;
/** `key: 1`, `key: true`, `key: "text"`: the same in YAML and JSON. */
const SCALAR =
  /^((?![Tt]rue|TRUE|[Ff]alse|FALSE|[Nn]ull|NULL)[A-Za-z_][\w.-]*): (true|false|null|0|-?[1-9]\d{0,14}|"[^"\\\p{Cc}\u2028\u2029\uFEFF]*")\r?\n?$/u;

/** What stands for one key: its lines, and comments and empty lines up to the next one. */
interface Entry {
  text: string;
  valueJson: string;
}

/** A text with what it means. Never changes. */
export interface ConfigDocument {
  readonly text: string;
  /** JSON texts by key. */
  readonly values: ConfigValues;
  /** With a key's value replaced, or removed when it is undefined. Comments and the order of keys stay. */
  edited(key: string, valueJson: string | undefined): Promise<ConfigDocument>;
}

/** `before`: what the file was, for what is still the same. Throws an Error that says what is wrong, and where. */
export async function readConfigDocument(
  text: string,
  { isJson, before }: { isJson: boolean; before?: ConfigDocument },
): Promise<ConfigDocument> {
  const plain = isJson ? undefined : await readPlain(text, before instanceof PlainDocument ? before : undefined);
  return plain ?? new WholeDocument(text, await parseWhole(text), isJson);
}

class PlainDocument implements ConfigDocument {
  readonly preamble: string;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly values: ConfigValues;
  readonly text: string;

  constructor(preamble: string, entries: ReadonlyMap<string, Entry>) {
    this.preamble = preamble;
    this.entries = entries;
    this.values = new Map([...entries].map(([key, { valueJson }]) => [key, valueJson]));
    this.text = preamble + [...entries.values()].map(({ text }) => text).join('');
  }

  async edited(key: string, valueJson: string | undefined): Promise<ConfigDocument> {
    if (valueJson === undefined) return this.#without(key);
    const old = this.entries.get(key);
    const { lines, rest } = splitRest(old?.text ?? '');
    const entry = { text: (await editText({ text: lines, key, valueJson, isJson: false })) + rest, valueJson };
    const isPart = partsOf(entry.text).parts.length === 1 && !ENTANGLED.test(entry.text);
    if (!isPart || (await parsePart(entry.text))?.entry.valueJson !== valueJson) {
      const whole = await editText({ text: this.text, key, valueJson, isJson: false });
      return readConfigDocument(whole, { isJson: false, before: this });
    }
    const next = new Map(this.entries);
    if (old) return new PlainDocument(this.preamble, next.set(key, entry));
    const [last, before] = [...this.entries].at(-1) ?? [];
    if (last !== undefined && before) next.set(last, { ...before, text: ended(before.text) });
    return new PlainDocument(last === undefined ? ended(this.preamble) : this.preamble, next.set(key, entry));
  }

  /** Comments that follow the key belong to what follows. */
  #without(key: string): PlainDocument {
    const next: [string, Entry][] = [];
    let { preamble } = this;
    for (const [name, entry] of this.entries) {
      if (name !== key) {
        next.push([name, entry]);
        continue;
      }
      const comments = splitRest(entry.text).rest.replace(/^\s*(?=#|$)/, '');
      const [previous, before] = next.pop() ?? [];
      if (previous !== undefined && before) next.push([previous, { ...before, text: before.text + comments }]);
      else preamble += comments;
    }
    return new PlainDocument(preamble, new Map(next));
  }
}

class WholeDocument implements ConfigDocument {
  readonly text: string;
  readonly values: ConfigValues;
  readonly #isJson: boolean;

  constructor(text: string, values: ConfigValues, isJson: boolean) {
    this.text = text;
    this.values = values;
    this.#isJson = isJson;
  }

  async edited(key: string, valueJson: string | undefined): Promise<ConfigDocument> {
    const text = await editText({ text: this.text, key, valueJson, isJson: this.#isJson });
    return readConfigDocument(text, { isJson: this.#isJson });
  }
}

export const EMPTY_DOCUMENT: ConfigDocument = new PlainDocument('', new Map());

async function parseWhole(text: string): Promise<ConfigValues> {
  return text.length > THREAD_LENGTH ? configTextInThread({ parse: text }) : parseConfigText(text);
}

async function editText(edit: ConfigTextEdit): Promise<string> {
  const { text, key, valueJson, isJson } = edit;
  if (text.length + (valueJson?.length ?? 0) > THREAD_LENGTH) return configTextInThread({ edit });
  return (isJson ? editJsonText : editConfigText)(text, key, valueJson);
}

/** Undefined when the text has to be seen as a whole. */
async function readPlain(text: string, before: PlainDocument | undefined): Promise<PlainDocument | undefined> {
  if (ENTANGLED.test(text)) return undefined;
  const { preamble, parts } = partsOf(text);
  if (parts.length > MAX_CONFIG_KEYS)
    throw new Error(`it has ${parts.length} keys, and at most ${MAX_CONFIG_KEYS} are supported`);
  if (/^\s*[^\s#]/m.test(preamble)) return undefined; // something that is no key
  const known = new Map([...(before?.entries ?? [])].map(([key, entry]) => [entry.text, { key, entry }]));
  const entries = new Map<string, Entry>();
  let until = performance.now() + SLICE_MS;
  for (const part of parts) {
    const { key, entry } = known.get(part) ?? (await parsePart(part)) ?? {};
    if (key === undefined || entry === undefined || entries.has(key)) return undefined;
    entries.set(key, entry);
    if (performance.now() < until) continue;
    await nextTurn();
    until = performance.now() + SLICE_MS;
  }
  return new PlainDocument(preamble, entries);
}

async function parsePart(text: string): Promise<{ key: string; entry: Entry } | undefined> {
  const [, name, scalar] = SCALAR.exec(text) ?? [];
  if (name !== undefined && scalar !== undefined) return { key: name, entry: { text, valueJson: scalar } };
  try {
    const [[key, valueJson] = [], ...more] = await parseWhole(text);
    if (key === undefined || valueJson === undefined || more.length > 0) return undefined;
    return { key, entry: { text, valueJson } };
  } catch {
    return undefined; // the whole text says what is wrong, and where
  }
}

/** At each line that begins with a key; what comes before the first one is the preamble. */
function partsOf(text: string): { preamble: string; parts: string[] } {
  const parts: string[] = [];
  const starts: number[] = [];
  for (let at = 0; at < text.length; ) {
    if (!/[\s#\-\]}]/.test(text[at] ?? '')) starts.push(at);
    const end = text.indexOf('\n', at);
    at = end < 0 ? text.length : end + 1;
  }
  starts.forEach((start, index) => parts.push(text.slice(start, starts[index + 1])));
  return { preamble: text.slice(0, starts[0] ?? text.length), parts };
}

/** Comments and empty lines at the end stay when the key's own lines are replaced. */
function splitRest(text: string): { lines: string; rest: string } {
  const lines = text.split(/(?<=\n)/);
  let end = lines.length;
  while (end > 1 && /^(?:#|\s*$)/.test(lines[end - 1] ?? '')) end -= 1;
  return { lines: lines.slice(0, end).join(''), rest: lines.slice(end).join('') };
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
