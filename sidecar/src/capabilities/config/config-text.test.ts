import { describe, expect, it } from 'vitest';
import { editConfigText, editJsonText, parseConfigText } from './config-text.ts';

describe('parseConfigText', () => {
  it('reads one mapping of YAML or JSON; nothing is an empty one', () => {
    expect([...parseConfigText('a: 1\nb.c: [x, null]\n7: {d: "e"}\n')]).toEqual([
      ['7', '{"d":"e"}'],
      ['a', '1'],
      ['b.c', '["x",null]'],
    ]);
    expect([...parseConfigText('{"a": {"b": 1}}')]).toEqual([['a', '{"b":1}']]);
    for (const text of ['', '\n', '# nothing\n', '{}']) expect(parseConfigText(text).size).toBe(0);
  });
  it('says what is wrong, and in which line', () => {
    expect(() => parseConfigText('a: 1\nb: [2\n')).toThrow(/^line 3: /);
    expect(() => parseConfigText('a: 1\na: 2\n')).toThrow(/^line 2: .*unique/);
    expect(() => parseConfigText('- a\n')).toThrow('expected one mapping');
    expect(() => parseConfigText('text')).toThrow('expected one mapping');
    expect(() => parseConfigText('a: .inf')).toThrow('a: Infinity has no JSON form');
  });
  it('does not let aliases grow without bound', () => {
    const level = (name: string, of: string): string =>
      `${name}: &${name} [${Array.from({ length: 9 }, () => of).join()}]`;
    const bomb = [level('a', 'x'), level('b', '*a'), level('c', '*b'), level('d', '*c'), level('e', '*d')];
    expect(() => parseConfigText(bomb.join('\n'))).toThrow(/alias/i);
  });
});

describe('editConfigText', () => {
  it('changes one key and leaves everything else as it was', () => {
    const text = '# head\na: 1 # one\n\nb: "two"\n7: x\n';
    expect(editConfigText(text, 'a', '{"n":[1]}')).toContain('# head\na:');
    expect(editConfigText(text, 'b', '"no"')).toBe('# head\na: 1 # one\n\nb: no\n7: x\n');
    expect(editConfigText(text, '7', '8')).toBe('# head\na: 1 # one\n\nb: "two"\n7: 8\n');
    expect(editConfigText(text, 'a', undefined)).not.toContain('a: 1');
    expect(editConfigText('', 'k.l', 'true')).toBe('k.l: true\n');
  });
  it('reads back what it wrote, whatever it was', () => {
    for (const value of [
      '',
      '~',
      'null',
      'no',
      '1',
      '- a',
      '# b',
      'a: b',
      ' x ',
      'l1\nl2\n',
      '\u0000\u0085\u2028',
      '😀',
    ]) {
      for (const edit of [editConfigText, editJsonText]) {
        const json = JSON.stringify({ [value]: [value] });
        expect(parseConfigText(edit('', `k ${value}`, json)).get(`k ${value}`)).toBe(json);
      }
    }
  });
});
