import type { CallContext, Driver } from '../capability.ts';

/** What to do with a redirect, as in the Fetch standard. */
export type RedirectMode = 'follow' | 'error' | 'manual';

/** One request to an upstream. */
export interface HttpFetch {
  /** Upper case. */
  method: string;
  /** A path below the upstream's base, with its query; or a whole URL, which the driver may refuse. */
  url: string;
  /** Alternating lower-case name and value. */
  headers: readonly string[];
  redirect: RedirectMode;
  /** Read no faster than the upstream takes it; undefined when there is none. */
  body: AsyncIterable<Uint8Array> | undefined;
}

/** What came back. Whoever got it reads the body to its end, or leaves the iteration. */
export interface HttpAnswer {
  status: number;
  statusText: string;
  /** Alternating lower-case name and value, repeats kept. Those of a coding that the driver has undone stay. */
  headers: readonly string[];
  /** Where it came from after redirects. */
  url: string;
  redirected: boolean;
  body: AsyncIterable<Uint8Array> | undefined;
}

/** What an http driver does. Any answer of the upstream is an answer, whatever its status; the rest are BottleErrors. */
export interface HttpDriver extends Driver {
  /** Resolves with the head; settles at once when `call.signal` aborts, as the body does. */
  fetch(request: HttpFetch, call: CallContext): Promise<HttpAnswer>;
}
