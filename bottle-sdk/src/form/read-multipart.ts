// Invariants:
//  1. The first failure ends everything: the source, every part that is open, what waits for either. It is what is thrown.
//  2. A chunk is read when the one before has been taken by the parts that it belongs to: a slow disk slows the client.
//  3. Every part's content is finished or discarded, so no file stays open.
import type { Readable } from 'node:stream';
import { fieldText } from '@bottle/protos';
import { Dicer } from '@fastify/busboy';
import { badForm, formTooLarge } from './form-errors.ts';
import type { FormLimits } from './form-options.ts';
import { FieldContent, FileContent, type FileStore, FormUsage, type PartContent } from './part-content.ts';
import { type HeaderLines, type PartHead, parsePartHead } from './part-head.ts';

/** The parser's own bound is beyond ours: it says nothing of what it leaves out. */
const HEADER_SLACK_BYTES = 1_024;

type Entry = { head: PartHead } & ({ bytes: Buffer } | { file: Blob });

/** Reads multipart/form-data, and destroys its source when it fails. Rejects with 400, 413 and what the source fails with. */
export function readMultipart(
  source: Readable,
  boundary: string,
  limits: FormLimits,
  store: FileStore | undefined,
): Promise<FormData> {
  return new MultipartReader(boundary, limits, store).read(source);
}

class MultipartReader {
  readonly #limits: FormLimits;
  readonly #usage: FormUsage;
  readonly #store: FileStore | undefined;
  readonly #dicer: Dicer;
  readonly #parts = new Set<Dicer.PartStream>();
  readonly #entries: Promise<Entry>[] = [];
  /** The last boundary is here, and everything before it has been taken. */
  readonly #closed = Promise.withResolvers<void>();
  #isClosed = false;
  #onClosed: (() => void) | undefined;
  #fields = 0;
  #files = 0;
  #failure: { error: unknown } | undefined;
  #onFail: ((error: unknown) => void) | undefined;

  constructor(boundary: string, limits: FormLimits, store: FileStore | undefined) {
    this.#limits = limits;
    this.#usage = new FormUsage(limits);
    this.#store = store;
    const config = { boundary, maxHeaderSize: limits.maxHeaderBytes + HEADER_SLACK_BYTES };
    this.#dicer = new Dicer(config)
      .on('part', (part) => this.#onPart(part))
      .on('error', () => this.#fail(badForm('the form ends before its last boundary')))
      .on('finish', () => this.#close());
  }

  async read(source: Readable): Promise<FormData> {
    source.on('error', (error) => this.#fail(error));
    let size = 0;
    try {
      const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
      for (;;) {
        const { done, value } = await this.#untilFailed(chunks.next());
        if (done) break;
        size += value.length;
        if (size > this.#limits.maxBytes) throw formTooLarge('maxBytes', this.#limits);
        await this.#untilFailed(this.#written(value)); // 2
      }
      if (!this.#isClosed) this.#dicer.end();
      await this.#untilFailed(this.#closed.promise);
      return formOf(await this.#untilFailed(Promise.all(this.#entries)));
    } catch (error) {
      this.#fail(error);
      source.destroy();
      await Promise.allSettled(this.#entries); // 3
      throw this.#failure?.error;
    }
  }

  /** The parser forgets to say that it has written what it closes with. What follows that is not for it. */
  #written(chunk: Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isClosed) return resolve();
      this.#onClosed = resolve;
      this.#dicer.write(chunk, () => resolve());
    });
  }

  #close(): void {
    this.#isClosed = true;
    this.#onClosed?.();
    this.#closed.resolve();
  }

  // 1
  #untilFailed<Result>(step: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#failure) reject(this.#failure.error);
      this.#onFail = reject;
      step.then(resolve, reject);
    });
  }

  #fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = { error };
    this.#onFail?.(error);
    for (const part of this.#parts) part.destroy();
  }

  #onPart(part: Dicer.PartStream): void {
    part.on('error', () => {}); // the parser fails as a whole
    if (this.#failure) return;
    if (this.#entries.length === this.#limits.maxParts) return this.#fail(formTooLarge('maxParts', this.#limits));
    const entry = this.#readPart(part);
    entry.catch((error: unknown) => this.#fail(error));
    this.#entries.push(entry);
  }

  async #readPart(part: Dicer.PartStream): Promise<Entry> {
    this.#parts.add(part);
    let head: PartHead | undefined;
    let content: PartContent<Buffer | Blob> | undefined;
    part.on('header', (lines) => {
      try {
        head = this.#counted(parsePartHead(lines as HeaderLines, this.#limits));
        content =
          head.filename === undefined ? new FieldContent(this.#usage) : new FileContent(this.#usage, this.#store);
      } catch (error) {
        this.#fail(error);
      }
    });
    try {
      for await (const chunk of part as AsyncIterable<Buffer>) await content?.write(chunk);
      if (!head || !content) throw badForm('a part of the form has no end of its head');
      const value = await content.finish();
      return value instanceof Blob ? { head, file: value } : { head, bytes: value };
    } catch (error) {
      await content?.discard();
      throw error;
    } finally {
      this.#parts.delete(part);
    }
  }

  #counted(head: PartHead): PartHead {
    if (head.filename === undefined) this.#fields += 1;
    else this.#files += 1;
    if (this.#fields > this.#limits.maxFields) throw formTooLarge('maxFields', this.#limits);
    if (this.#files > this.#limits.maxFiles) throw formTooLarge('maxFiles', this.#limits);
    return head;
  }
}

/** Fields that do not say their charset have that of the field `_charset_` (RFC 7578, 4.6). */
function formOf(entries: readonly Entry[]): FormData {
  const form = new FormData();
  const named = entries.find(({ head }) => head.name === '_charset_');
  const charset = named && 'bytes' in named ? named.bytes.toString('latin1').trim() : 'utf-8';
  for (const entry of entries) {
    const { name, filename = '', type } = entry.head;
    if ('file' in entry) form.append(name, new File([entry.file], filename, { type }));
    else form.append(name, fieldText(entry.bytes, entry.head.charset ?? charset));
  }
  return form;
}
