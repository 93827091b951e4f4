import { CallError, Code, definitionOf } from '@bottle/protos';
import type { CallOptions, ResourceCalls } from '../resource-calls.ts';

/** One resource of secrets. Every call asks the sidecar: what was rotated is seen by the next one. */
export class SecretsClient {
  readonly #calls: ResourceCalls;
  readonly #methods = definitionOf('secrets');

  constructor(calls: ResourceCalls) {
    this.#calls = calls;
  }

  /**
   * A value as text, without a line break at its end. From then on it is masked in every log of the pod. Throws NOT_FOUND
   * (`no-secret`) where there is none, FAILED_PRECONDITION (`secret-not-text`) for what is no UTF-8.
   */
  async get(key: string, options?: CallOptions): Promise<string> {
    const bytes = await this.bytes(key, options);
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      return text.replace(/\r?\n$/, '');
    } catch {
      const message = `the secret "${key}" is no text: ask for its bytes`;
      throw new CallError(Code.FAILED_PRECONDITION, 'secret-not-text', message, { details: { key } });
    }
  }

  /** A value as it is kept: keys and certificates in a binary form. */
  async bytes(key: string, options?: CallOptions): Promise<Uint8Array> {
    const { value } = await this.#calls.unary(this.#methods.Get, { key }, options);
    this.#calls.scope.process.hide?.(value);
    return value;
  }

  /** The keys that have a value now, in order. */
  async keys(options?: CallOptions): Promise<string[]> {
    return (await this.#calls.unary(this.#methods.List, {}, options)).keys;
  }
}
