import { describe, expect, it } from 'vitest';
import { type ConfigDocument, EMPTY_DOCUMENT, readConfigDocument } from './config-document.ts';
import { parseConfigText } from './config-text.ts';

const read = (text: string, before?: ConfigDocument): Promise<ConfigDocument> =>
  readConfigDocument(text, { isJson: false, ...(before ? { before } : {}) });

const TEXTS = [
  '',
  '# nothing\n',
  'a: 1',
  '# head\n\na: 1 # one\n\n# of b\nb: "two"\n7: x\n',
  'list:\n- a\n- b: 1\n  c: 2\nmap:\n  x: 1\n\n  # inside\n  y: 2\nlast: |+\n  text\n\n\n# behind\nafter: >-\n  folded\n  text\n',
  'quoted: "a\n  b"\nplain: one\n  two\nflow: { a: [1,\n  2] }\n? complex\n: x\n',
  'a: &x [1, 2]\nb: *x\n',
  'a: &x { n: 1 }\nb: &x { n: 2 }\nc: [*x]\n',
  'big: 123456789012345678901234567890\nf: 1.50\nneg: -0\noct: 017\nhex: 0xff\nyes: yes\nt: ~\ndate: 2020-01-01\n',
  '{ "a": 1, "b": { "c": [true] } }',
  '---\na: 1\n',
  '\uFEFFa: 1\r\nb: 2\r\n',
  "'single quoted': 'it''s'\n\"double: x\": 1\nnull: 1\ntrue: 2\n",
  'a: 1\n  # indented comment\n#\n\nb:\nc: !!str 5\n',
  '-a: 1\nb: 2\n',
  '  a: 1\n  b: 2\n',
];

describe('a configuration document', () => {
  it('means what the whole text means to a YAML parser', async () => {
    for (const text of TEXTS) {
      const document = await read(text);
      expect([text, Object.fromEntries(document.values)]).toEqual([text, Object.fromEntries(parseConfigText(text))]);
      expect(document.text).toBe(text);
    }
  });
  it('says what is wrong with a text as the parser does', async () => {
    for (const text of [
      'a: 1\nb: [2\n',
      'a: 1\na: 2\n',
      '- a\n',
      'text',
      'a: 1\n b: 2\n',
      'a: .inf',
      'a: *none\n',
      'x: "\n',
    ]) {
      let message = '';
      try {
        parseConfigText(text);
      } catch (error) {
        ({ message } = error as Error);
      }
      expect(message).not.toBe('');
      await expect(read(text)).rejects.toThrow(message);
    }
  });
  it('reads back every change of every text, and leaves all other keys as they were', async () => {
    const values = ['1', '"x"', '""', '"l1\\nl2\\n\\n"', '{"a":[1,{"b":null}]}', '[]', '"# no comment"', '"---"'];
    // Where an anchor goes, so do the values that were made of it.
    for (const text of TEXTS.filter((each) => !each.includes('&x'))) {
      const document = await read(text);
      for (const key of [...document.values.keys(), 'new', 'new key: x', '- dash', '7', '# hash', '']) {
        for (const json of [...values, undefined]) {
          const edited = await document.edited(key, json);
          const expected = new Map(document.values);
          if (json === undefined) expected.delete(key);
          else expected.set(key, json);
          const what = JSON.stringify([text, key, json, edited.text]);
          expect([what, Object.fromEntries(edited.values)]).toEqual([what, Object.fromEntries(expected)]);
          const again = Object.fromEntries(parseConfigText(edited.text));
          expect([what, again]).toEqual([what, Object.fromEntries(expected)]);
        }
      }
    }
  });
  it('keeps comments, also those of a key that is removed', async () => {
    const text = '# head\na: 1 # one\n\n# of b\nb: 2\n# end\n';
    expect((await (await read(text)).edited('b', '3')).text).toBe('# head\na: 1 # one\n\n# of b\nb: 3\n# end\n');
    expect((await (await read(text)).edited('a', undefined)).text).toBe('# head\n# of b\nb: 2\n# end\n');
    expect((await (await read(text)).edited('c', 'true')).text).toBe(`${text}c: true\n`);
    expect((await EMPTY_DOCUMENT.edited('k.l', 'true')).text).toBe('k.l: true\n');
    expect((await (await read('a: 1')).edited('b', '2')).text).toBe('a: 1\nb: 2\n');
  });
  it('takes long texts apart in a thread, with the same result and the same mistakes', async () => {
    const entries = Array.from({ length: 3_000 }, (_, at) => `"key-${at}": { "n": ${at} }`);
    const flow = `{ ${entries.join(',\n')} }`;
    const document = await read(flow);
    expect(document.values.get('key-2999')).toBe('{"n":2999}');
    expect((await document.edited('key-7', '"x"')).values.get('key-7')).toBe('"x"');
    await expect(read(`${flow.slice(0, -1)}, "key-0": 1 }`)).rejects.toThrow(/unique/);
  });
  it('keeps a file of JSON one of JSON', async () => {
    const document = await readConfigDocument('{"a":1,"b":[2]}', { isJson: true });
    const edited = await document.edited('a', '{"x":"y"}');
    expect(JSON.parse(edited.text)).toEqual({ a: { x: 'y' }, b: [2] });
  });
});
