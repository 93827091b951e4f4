import { describe, expect, it } from 'vitest';
import { readBlocks } from './read-blocks.ts';

const page = `# Page

<!-- context
declare const a: number;
-->
\`\`\`ts
b(a);
\`\`\`

    npm start   # starts

    npm test

text

<!-- outside Prometheus -->
\`\`\`yaml
rules: []
\`\`\`
<!-- file ../x.ts
export {};
-->
\`\`\`ts
c();
\`\`\`
- a list
    that goes on
\`\`\`
diagram
    inside
\`\`\`
`;

describe('the blocks of a page', () => {
  it('are fenced or indented, and know their lines', () => {
    expect(readBlocks('p', page).map(({ line, language, text }) => [line, language, text])).toEqual([
      [7, 'ts', 'b(a);'],
      [10, 'sh', 'npm start   # starts\n\nnpm test'],
      [18, 'yaml', 'rules: []'],
      [24, 'ts', 'c();'],
      [29, '', 'diagram\n    inside'],
    ]);
  });
  it('have what the comments before them say: TypeScript for the page, everything else for the next', () => {
    const [first, commands, rules, second] = readBlocks('p', page);
    expect([first?.context, commands?.context, second?.context]).toEqual([
      'declare const a: number;\n',
      '',
      'declare const a: number;\n',
    ]);
    expect([first?.outside, rules?.outside, second?.outside]).toEqual([undefined, 'Prometheus', undefined]);
    expect([...(second?.files ?? [])]).toEqual([['../x.ts', 'export {};\n']]);
  });
  it('end', () => {
    expect(() => readBlocks('p', '```ts\nx')).toThrow('p:1 does not end');
  });
});
