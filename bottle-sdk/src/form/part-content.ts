import { openAsBlob } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { formStorageFailed, formTooLarge } from './form-errors.ts';
import type { FormLimits } from './form-options.ts';

/** Larger files are on disk. */
const MAX_FILE_BYTES_IN_MEMORY = 1024 * 1024;
/** All files of a form that are not on disk, together. */
const MAX_FILES_BYTES_IN_MEMORY = 8 * 1024 * 1024;

/** Where files go that are too large for memory. Whoever made it removes them. */
export interface FileStore {
  create(): Promise<{ path: string; handle: FileHandle }>;
}

/** What the parts of one form have taken so far. */
export class FormUsage {
  readonly limits: FormLimits;
  fieldsBytes = 0;
  filesBytesInMemory = 0;

  constructor(limits: FormLimits) {
    this.limits = limits;
  }
}

/** The content of one part as it comes. Every one of them is either finished or discarded. */
export interface PartContent<Value> {
  /** Rejects beyond the limits. */
  write(chunk: Buffer): Promise<void> | void;
  finish(): Promise<Value> | Value;
  discard(): Promise<void> | void;
}

/** The bytes of a field. */
export class FieldContent implements PartContent<Buffer> {
  readonly #usage: FormUsage;
  readonly #chunks: Buffer<ArrayBuffer>[] = [];
  #size = 0;

  constructor(usage: FormUsage) {
    this.#usage = usage;
  }

  write(chunk: Buffer): void {
    const { limits } = this.#usage;
    this.#size += chunk.length;
    this.#usage.fieldsBytes += chunk.length;
    if (this.#size > limits.maxFieldBytes) throw formTooLarge('maxFieldBytes', limits);
    if (this.#usage.fieldsBytes > limits.maxFieldsBytes) throw formTooLarge('maxFieldsBytes', limits);
    this.#chunks.push(Buffer.from(chunk)); // not a part of what it came in, which would stay with it
  }

  finish(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  discard(): void {
    this.#chunks.length = 0;
  }
}

/** The bytes of a file: in memory, and on disk from the first megabyte on. Without a store they stay in memory. */
export class FileContent implements PartContent<Blob> {
  readonly #usage: FormUsage;
  readonly #store: FileStore | undefined;
  readonly #chunks: Buffer<ArrayBuffer>[] = [];
  #size = 0;
  #stored: { path: string; handle: FileHandle } | undefined;

  constructor(usage: FormUsage, store: FileStore | undefined) {
    this.#usage = usage;
    this.#store = store;
  }

  async write(chunk: Buffer): Promise<void> {
    const { limits } = this.#usage;
    if (this.#size + chunk.length > limits.maxFileBytes) throw formTooLarge('maxFileBytes', limits);
    this.#size += chunk.length;
    if (this.#stored) return await stored(this.#stored.handle.writeFile(chunk));
    this.#chunks.push(Buffer.from(chunk));
    this.#usage.filesBytesInMemory += chunk.length;
    if (!this.#store || !this.#isTooLargeForMemory) return;
    this.#stored = await stored(this.#store.create());
    this.#usage.filesBytesInMemory -= this.#size;
    await stored(this.#stored.handle.writeFile(Buffer.concat(this.#chunks.splice(0))));
  }

  async finish(): Promise<Blob> {
    if (!this.#stored) return new Blob(this.#chunks.splice(0));
    const { path, handle } = this.#stored;
    await stored(handle.close());
    return await stored(openAsBlob(path));
  }

  async discard(): Promise<void> {
    this.#chunks.length = 0;
    await this.#stored?.handle.close().catch(() => {}); // the file is to be removed anyway
  }

  get #isTooLargeForMemory(): boolean {
    return this.#size > MAX_FILE_BYTES_IN_MEMORY || this.#usage.filesBytesInMemory > MAX_FILES_BYTES_IN_MEMORY;
  }
}

/** What the disk says is the server's fault. */
async function stored<Result>(step: Promise<Result>): Promise<Result> {
  try {
    return await step;
  } catch (error) {
    throw formStorageFailed(error);
  }
}
