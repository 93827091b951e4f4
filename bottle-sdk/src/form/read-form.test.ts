import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import type { BottleError } from '@bottle/protos';
import type { FormOptions } from './form-options.ts';
import type { FileStore } from './part-content.ts';
import { readForm } from './read-form.ts';

const BOUNDARY = 'x-Boundary';
const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`;
const URLENCODED = 'application/x-www-form-urlencoded';

interface Given {
  contentType?: string;
  options?: FormOptions;
  store?: FileStore;
  signal?: AbortSignal;
}

const read = (body: Readable | Buffer | string, { contentType = MULTIPART, options = {}, store, signal }: Given = {}) =>
  readForm(
    {
      contentType,
      source: () => (body instanceof Readable ? body : Readable.from([Buffer.from(body)])),
      signal: signal ?? new AbortController().signal,
      store,
    },
    options,
  );
const failure = async (form: Promise<unknown>): Promise<BottleError> =>
  form.then(
    () => expect.unreachable('it was read'),
    (error: unknown) => error as BottleError,
  );
const part = (head: string, content = ''): string => `--${BOUNDARY}\r\n${head}\r\n\r\n${content}\r\n`;
const field = (name: string, value: string): string => part(`Content-Disposition: form-data; name="${name}"`, value);
const file = (name: string, filename: string, content: string): string =>
  part(`Content-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: text/css`, content);
const END = `--${BOUNDARY}--\r\n`;
const pieces = (body: Buffer, size: number): Readable =>
  Readable.from(
    Array.from({ length: Math.ceil(body.length / size) }, (_, at) => body.subarray(at * size, (at + 1) * size)),
  );

/** Name, value or the file's name, type and text, in order. */
async function contents(form: FormData): Promise<unknown[]> {
  return Promise.all(
    [...form].map(async ([name, value]) =>
      typeof value === 'string' ? [name, value] : [name, value.name, value.type, await value.text()],
    ),
  );
}

const directory = mkdtempSync(join(tmpdir(), 'forms-'));
let created = 0;
const store: FileStore = {
  async create() {
    created += 1;
    const path = join(directory, String(created));
    return { path, handle: await open(path, 'wx') };
  },
};
afterEach(() => {
  for (const name of readdirSync(directory)) rmSync(join(directory, name));
});

describe('multipart/form-data', () => {
  const body = Buffer.from(
    field('a', 'first') +
      field('a', '\r\n--x-Bound\r\n-- grüße') +
      file('f', 'größe 日本.css', 'body {}\r\n\r\n--') +
      file('none', '', '') +
      field('', '') +
      END,
  );
  const expected = [
    ['a', 'first'],
    ['a', '\r\n--x-Bound\r\n-- grüße'],
    ['f', 'größe 日本.css', 'text/css', 'body {}\r\n\r\n--'],
    ['none', '', 'text/css', ''],
    ['', ''],
  ];

  it('is fields and files in their order, duplicates and empty file inputs included', async () => {
    const form = await read(body);
    expect(await contents(form)).toEqual(expected);
    expect(form.getAll('a')).toHaveLength(2);
    expect(form.get('f')).toBeInstanceOf(File);
  });
  it('is the same wherever it is cut into pieces', async () => {
    for (let at = 1; at < body.length; at++) {
      const form = await read(Readable.from([body.subarray(0, at), body.subarray(at)]));
      expect(await contents(form)).toEqual(expected);
    }
    expect(await contents(await read(pieces(body, 1)))).toEqual(expected);
  });
  it('may begin with a preamble and end with an epilogue', async () => {
    const form = await read(Readable.from([Buffer.from(`hello\r\n${field('a', '1')}${END}`), Buffer.from('\r\nbye')]));
    expect(await contents(form)).toEqual([['a', '1']]);
  });
  it.each([65_535, 65_536, 65_537, 95_028, 1_000_000])('of %i bytes may come in one piece, or two', async (length) => {
    for (const content of [
      file('f', 'f', 'x'.repeat(length)),
      `${file('f', 'f', 'x'.repeat(length))}${field('a', 'b')}`,
    ]) {
      const whole = Buffer.from(content + END);
      for (const end of [whole.length, whole.length - 1, whole.length - END.length, whole.length - END.length - 1]) {
        const form = await read(Readable.from([whole.subarray(0, end), whole.subarray(end)]));
        expect((form.get('f') as File).size).toBe(length);
      }
    }
  });
  it('may be empty', async () => {
    expect(await contents(await read(END))).toEqual([]);
  });
  it('takes what clients make of names', async () => {
    const heads: [string, string, string][] = [
      ['name="a%22b%0D%0A"; filename="c%22.txt"', 'a"b\r\n', 'c".txt'], // browsers
      ['name="a\\"b"; filename="c\\\\d\\".txt"', 'a"b', 'd".txt'], // curl
      ['name=a; filename=b.txt', 'a', 'b.txt'],
      ['name="a" ; filename="C:\\docs\\b.txt" ;', 'a', 'b.txt'],
      ['name="a\\"; filename="b\\\\.txt"', 'a\\', '.txt'], // browsers
      ['NAME="a"; FileName="../../etc/passwd"', 'a', 'passwd'],
      ['name="a"; filename=".."', 'a', ''],
      ['name="50%"; filename="100%.txt"', '50%', '100%.txt'],
      [`name="a"; filename="x"; filename*=UTF-8''%e2%82%ac%20rates`, 'a', '€ rates'],
      [`name="a"; filename*=iso-8859-1'en'%A3%20rates; filename="x"`, 'a', '£ rates'],
      [`name="a"; filename="x"; filename*=UTF-8''%ff`, 'a', 'x'],
      [`name="a"; filename="x"; filename*=nonsense''a`, 'a', 'x'],
    ];
    for (const [head, name, filename] of heads) {
      const form = await read(part(`Content-Disposition: form-data; ${head}`, 'x') + END);
      expect(await contents(form)).toEqual([[name, filename, 'text/plain', 'x']]);
    }
    const latin1 = Buffer.from(part('Content-Disposition: form-data; name="gr\u00fc\u00dfe"', 'x') + END, 'latin1');
    expect([...(await read(latin1)).keys()]).toEqual(['grüße']);
  });
  it('takes a field in the charset that it, or the field _charset_, names', async () => {
    const own = part(
      'content-disposition: form-data; name="a"\r\nContent-Type: text/plain;charset="ISO-8859-1"',
      '\xfc',
    );
    const common = field('b', '\xfc') + field('_charset_', 'iso-8859-1');
    expect(await contents(await read(Buffer.from(own + END, 'latin1')))).toEqual([['a', 'ü']]);
    expect(await contents(await read(Buffer.from(common + END, 'latin1')))).toMatchObject([['b', 'ü'], {}]);
    expect((await failure(read(field('_charset_', 'klingon') + END))).reason).toBe('unknown-charset');
  });

  it('that is malformed is 400', async () => {
    const bodies = [
      '',
      'nonsense',
      field('a', '1'),
      (field('a', '1') + END).slice(0, -4),
      file('a', 'f', '1').slice(0, -1),
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"`,
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n${END}`,
      part('Content-Type: text/plain', 'x') + END,
      part('Content-Disposition: form-data', 'x') + END,
      part('Content-Disposition: attachment; name="a"', 'x') + END,
      part('Content-Disposition: form-data; name="a"; name="b"', 'x') + END,
      part('Content-Disposition: form-data; name="a', 'x') + END,
      part('Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"', 'x') + END,
      part('Content-Disposition: form-data; name="a"\r\nno colon', 'x').replace('Content', 'no colon\r\nContent') + END,
      part('Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64', 'eA==') + END,
    ];
    for (const text of bodies) {
      const { reason, httpStatus, message } = await failure(read(text));
      expect([reason, httpStatus, text]).toEqual(['bad-form', 400, text]);
      expect(message).toMatch(/form/);
    }
    for (const contentType of [
      'multipart/form-data',
      'multipart/form-data; boundary=""',
      `${MULTIPART}${'x'.repeat(80)}`,
    ]) {
      expect(await failure(read(END, { contentType }))).toMatchObject({ reason: 'bad-form', httpStatus: 400 });
    }
  });
  it('beyond a limit is 413, which is named', async () => {
    const many = field('a', '12345') + file('f', 'f', '12345') + field('b', '12345') + file('g', 'g', '12345') + END;
    const just: FormOptions = {
      maxFields: 2,
      maxFiles: 2,
      maxParts: 4,
      maxFieldNameBytes: 1,
      maxFieldBytes: 5,
      maxFieldsBytes: 10,
      maxFileBytes: 5,
      maxHeaderBytes: 'content-disposition: form-data; name="f"; filename="f"\r\ncontent-type: text/css\r\n'.length,
      maxBytes: many.length,
    };
    expect([...(await read(many, { options: just })).keys()]).toEqual(['a', 'f', 'b', 'g']);
    for (const [limit, max] of Object.entries(just) as [keyof FormOptions, number][]) {
      for (const size of [1, 7, 1_000_000]) {
        const error = await failure(read(pieces(Buffer.from(many), size), { options: { ...just, [limit]: max - 1 } }));
        expect(error).toMatchObject({ reason: 'form-too-large', httpStatus: 413, details: { limit, max: max - 1 } });
      }
    }
    const head = part(`Content-Disposition: form-data; name="a"; x="${'x'.repeat(100_000)}"`, 'x') + END;
    expect((await failure(read(head))).details).toMatchObject({ limit: 'maxHeaderBytes' });
  });
  it('ends as its source does: what that fails with is thrown', async () => {
    const left = new Error('left');
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from(file('a', 'a', 'x'.repeat(2_000_000)).slice(0, -10));
      await Promise.resolve();
      throw left;
    }
    expect(await failure(read(Readable.from(broken()), { store }))).toBe(left);
  });
  it('is given up with its invocation', async () => {
    const controller = new AbortController();
    const silent = new Readable({ read() {} });
    const reading = failure(read(silent, { signal: controller.signal }));
    controller.abort(new Error('the deadline'));
    expect((await reading).message).toBe('the deadline');
    expect(silent.destroyed).toBe(true);
  });
  it('does not read on when it has failed', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      yield Buffer.from(file('a', 'a', '').slice(0, -2));
      for (;;) {
        given += 1;
        yield Buffer.alloc(1_000);
      }
    }
    const source = Readable.from(endless(), { highWaterMark: 1 });
    expect((await failure(read(source, { options: { maxFileBytes: 10_000 } }))).reason).toBe('form-too-large');
    expect(given).toBeLessThan(20);
    expect(source.destroyed).toBe(true);
  });

  it('keeps files above a megabyte on disk, and only these', async () => {
    const large = 'x'.repeat(1024 * 1024 + 1);
    const form = await read(
      pieces(Buffer.from(file('s', 's', large.slice(1)) + file('l', 'l.css', large) + END), 65_536),
      {
        store,
      },
    );
    expect(readdirSync(directory)).toHaveLength(1);
    const stored = form.get('l') as File;
    expect([stored.name, stored.type, stored.size]).toEqual(['l.css', 'text/css', large.length]);
    expect(await stored.text()).toBe(large);
    expect(await stored.slice(5, 9).text()).toBe('xxxx');
    expect(await (form.get('s') as File).text()).toBe(large.slice(1));
  });
  it('keeps 8 MB of small files in memory, not more', async () => {
    const body = `${file('s', 's', 'x'.repeat(1_000_000)).repeat(12)}${END}`;
    const form = await read(pieces(Buffer.from(body), 65_536), { store });
    expect(form.getAll('s').map((small) => (small as File).size)).toEqual(Array.from({ length: 12 }, () => 1_000_000));
    expect(readdirSync(directory)).toHaveLength(4);
  });
  it('is 503 when the disk takes no more, with the cause for the log', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    const stores: FileStore[] = [
      { create: () => Promise.reject(full) },
      {
        async create() {
          const { path, handle } = await store.create();
          handle.writeFile = () => Promise.reject(full);
          return { path, handle };
        },
      },
    ];
    for (const broken of stores) {
      const body = pieces(Buffer.from(file('l', 'l', 'x'.repeat(3_000_000)) + END), 65_536);
      const error = await failure(read(body, { store: broken }));
      expect(error).toMatchObject({ reason: 'form-storage', httpStatus: 503, cause: full });
      expect(error.message).not.toMatch(/ENOSPC/);
    }
  });
  it('reads no faster than the disk writes', async () => {
    let given = 0;
    const gate = Promise.withResolvers<void>();
    async function* endless(): AsyncGenerator<Buffer> {
      yield Buffer.from(file('l', 'l', '').slice(0, -2));
      for (; given < 300; given++) yield Buffer.alloc(65_536);
      yield Buffer.from(`\r\n${END}`);
    }
    const slow: FileStore = {
      async create() {
        const { path, handle } = await store.create();
        const write = handle.writeFile.bind(handle);
        handle.writeFile = async (...args) => {
          await gate.promise;
          await write(...args);
        };
        return { path, handle };
      },
    };
    const reading = read(Readable.from(endless(), { highWaterMark: 1 }), { store: slow });
    const before = await new Promise<number>((resolve) => void setTimeout(() => resolve(given), 200));
    expect(before).toBeLessThan(30);
    gate.resolve();
    expect(((await reading).get('l') as File).size).toBe(300 * 65_536);
  });

  it('comes back as it was sent, whatever is in it', async () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const text = (length: number): string =>
      Array.from({ length: random(length) }, () => 'ab"\\%;=ü日😀 -\t'.charAt(random(13)).toWellFormed()).join('');
    for (let run = 0; run < 60; run++) {
      const sent = new FormData();
      for (let index = random(12); index > 0; index--) {
        if (random(2) === 0) sent.append(text(20), text(2_000));
        else {
          const bytes = Buffer.from(
            Array.from({ length: random(run % 9 === 0 ? 200_000 : 4_000) }, () => [13, 10, 45, 120][random(4)] ?? 0),
          );
          sent.append(text(20), new File([bytes], `f${text(20).replaceAll('\\', '')}`, { type: 'image/png' }));
        }
      }
      const request = new Response(sent);
      const body = Buffer.from(await request.arrayBuffer());
      const contentType = request.headers.get('content-type') ?? '';
      const got = await read(pieces(body, [1 + random(300), 65_536, body.length][random(3)] ?? 1), { contentType });
      expect(await contents(got)).toEqual(await contents(sent));
    }
  });
});

describe('application/x-www-form-urlencoded', () => {
  const readUrl = (body: string | Readable, options: FormOptions = {}, contentType = URLENCODED) =>
    read(body, { contentType, options });
  const hostile = 'a=1&a=2&=x&b&&c=%C3%BC+%zz%&d=%7F&e==&%61%3d=%26';

  it('is what URLSearchParams makes of it', async () => {
    const pairs = [...new URLSearchParams(hostile)];
    expect([...(await readUrl(hostile))]).toEqual(pairs);
    expect([...(await readUrl(pieces(Buffer.from(hostile), 1)))]).toEqual(pairs);
    expect([...(await readUrl(''))]).toEqual([]);
    expect([...(await readUrl('ü=日'))]).toEqual([['ü', '日']]);
    expect([...(await readUrl('\ufeffa=\ufeff1'))]).toEqual([['a', '\ufeff1']]);
  });
  it('is a text, or refused: nothing is replaced', async () => {
    const latin = pieces(Buffer.from('a=gr\u00fc\u00dfe', 'latin1'), 1);
    expect((await failure(readUrl(latin))).reason).toBe('malformed-text');
    for (const body of ['a=%FF', '%FF=a', 'a=%C3', 'a=%ED%A0%80'])
      expect(await failure(readUrl(body))).toMatchObject({ reason: 'malformed-text', httpStatus: 400 });
  });
  it('is in the charset that its type names', async () => {
    expect([...(await readUrl('a=%FC', {}, `${URLENCODED}; charset=iso-8859-1`))]).toEqual([['a', 'ü']]);
    expect((await failure(readUrl('a=1', {}, `${URLENCODED}; charset=klingon`))).reason).toBe('unknown-charset');
  });
  it('beyond a limit is 413', async () => {
    const just = { maxFields: 2, maxParts: 2, maxFieldNameBytes: 1, maxFieldBytes: 3, maxFieldsBytes: 9, maxBytes: 9 };
    expect([...(await readUrl('a=123&b=1', just))]).toHaveLength(2);
    for (const [limit, max] of Object.entries(just)) {
      const error = await failure(readUrl('a=123&b=1', { ...just, [limit]: max - 1 }));
      expect(error).toMatchObject({ reason: 'form-too-large', httpStatus: 413 });
    }
  });
});

it('is 415 for every other type', async () => {
  for (const contentType of [
    '',
    'application/json',
    'multipart/mixed; boundary=a',
    'text/plain',
    'multipart/form-data"',
  ]) {
    expect(await failure(read('', { contentType }))).toMatchObject({ reason: 'not-a-form', httpStatus: 415 });
  }
});
it('refuses a body that somebody has begun to read', async () => {
  const body = Readable.from([Buffer.from(END)]);
  await body.iterator({ destroyOnReturn: false }).next();
  expect(await failure(read(body))).toMatchObject({ reason: 'body-already-read' });
});
it('throws for options that there are not', async () => {
  const wrong = { maxSize: 1 } as FormOptions;
  expect((await failure(read(END, { options: wrong }))).message).toMatch(/no option maxSize/);
  for (const maxBytes of [-1, 1.5, Number.NaN, '1' as unknown as number]) {
    expect((await failure(read(END, { options: { maxBytes } }))).message).toMatch(/maxBytes must be/);
  }
});
