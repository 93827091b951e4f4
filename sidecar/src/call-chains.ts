// Functions that call functions.
//  1. A chain of calls has at most MAX_CALL_DEPTH of them: what goes on is refused with the chain, before it takes a place.
//  2. Who waits for another function lends its place: a call from a function gets one as long as fewer invocations than
//     the function's `concurrency` run, those that only wait for others not counted. So calls wait for work, never for
//     places that their own callers hold, or those of each other.
//  3. Lent places are bounded: `concurrency` for each depth; so is each line of those that wait for one.
//  4. Calls from functions go before those from outside: somebody holds a place until they are done.
//  5. A lent place is no leave to wait in the function process: how much may wait there for its beginning holds for all.
import { BottleError, Code, IdTable, type TableEntry, WaitingLine } from '@bottle/protos';
import type { Admitted, Loaded } from './layer.ts';
import { waitForPlace } from './wait-for-place.ts';

/** Calls of functions by functions, one inside the other. */
const MAX_CALL_DEPTH = 32;

/** The metadata entry that takes a chain to another pod: names, separated by commas. */
export const CALLERS_ENTRY = 'bottle-callers';

/** The chain that another pod has sent; what is too long is cut off, for it is refused anyway. */
export function parseCallers(text: string | undefined): string[] {
  if (text === undefined || text === '') return [];
  return text.split(',', MAX_CALL_DEPTH + 1).map((name) => name.slice(0, 128));
}

/** Who calls, as far as chains of calls go. */
interface Caller {
  readonly invocationId: string;
  /** The function; empty outside an invocation. */
  readonly caller: string;
}

/** A call of a function that is under way. */
export interface NestedCall {
  /** The functions whose calls lead to it, outermost first. */
  readonly callers: readonly string[];
  /** It has been answered, or nobody waits any more. Call it once. */
  leave(): void;
}

/** An invocation that has its place. */
class Running implements TableEntry<Running> {
  readonly id: number;
  next: Running | undefined;
  readonly invocationId: string;
  readonly callers: readonly string[];
  readonly functionName: string;
  readonly places: FunctionPlaces;
  /** Calls of functions that it waits for. */
  nested = 0;

  constructor({ invocation, function: info }: Admitted, places: FunctionPlaces) {
    this.id = lastDigitsOf(invocation.id);
    this.invocationId = invocation.id;
    this.callers = invocation.callers;
    this.functionName = info.name;
    this.places = places;
  }
}

/** Invocation ids count up: these digits tell those apart that run at one time. NaN for what is no such id. */
function lastDigitsOf(invocationId: string): number {
  return Number.parseInt(invocationId.slice(-8), 16);
}

type Admit = (loaded: Loaded) => Admitted | Promise<Admitted>;

export class CallChains {
  readonly #running = new IdTable<Running>();
  readonly #functions = new Map<string, FunctionPlaces>();
  readonly #maxWaitingPerFunction: number;

  constructor(maxWaitingPerFunction: number) {
    this.#maxWaitingPerFunction = maxWaitingPerFunction;
  }

  /** An invocation calls a function, here or in another pod. Throws FAILED_PRECONDITION `call-depth`: invariant 1. */
  enter({ invocationId, caller }: Caller): NestedCall {
    const running = this.#find(invocationId);
    const callers = running ? [...running.callers, running.functionName] : caller === '' ? [] : [caller];
    if (callers.length > MAX_CALL_DEPTH) throw tooDeep(callers);
    if (!running) return { callers, leave: () => {} };
    running.nested += 1;
    if (running.nested === 1) running.places.lend();
    return {
      callers,
      leave() {
        running.nested -= 1;
        if (running.nested === 0) running.places.takeBack();
      },
    };
  }

  /** A place for an invocation; `admit` is the way of those that come from outside. */
  admit(loaded: Loaded, admit: Admit): Admitted | Promise<Admitted> {
    const places = this.#placesOf(loaded);
    if (loaded.invocation.callers.length > 0) {
      return places.admit(loaded, (waited) => this.#take(waited, admit, places), this.#maxWaitingPerFunction);
    }
    return this.#take(loaded, admit, places);
  }

  #take(loaded: Loaded, admit: Admit, places: FunctionPlaces): Admitted | Promise<Admitted> {
    const admitted = admit(loaded);
    if (admitted instanceof Promise) return admitted.then((granted) => this.#begin(granted, places));
    return this.#begin(admitted, places);
  }

  /** It has its place, and gives it back to those who wait here before all others: invariant 4. */
  #begin(admitted: Admitted, places: FunctionPlaces): Admitted {
    const running = new Running(admitted, places);
    const depth = running.callers.length;
    places.begin(depth);
    this.#running.add(running);
    admitted.place.whenFree((heldMs) => {
      this.#running.take(running.id);
      places.end(depth, heldMs);
    });
    return admitted;
  }

  #find(invocationId: string): Running | undefined {
    const running = this.#running.get(lastDigitsOf(invocationId));
    return running?.invocationId === invocationId ? running : undefined;
  }

  #placesOf({ function: { name, concurrency } }: Loaded): FunctionPlaces {
    let places = this.#functions.get(name);
    if (!places) this.#functions.set(name, (places = new FunctionPlaces()));
    places.concurrency = concurrency;
    return places;
  }
}

/** The share of a new figure in what a function typically takes. */
const WEIGHT = 0.1;

/** What chains of calls hold of one function. */
class FunctionPlaces {
  concurrency = 1;
  /** Those that wait for a lent place, by depth: deeper ones go past the others, for these wait for them. */
  readonly #lines = new Map<number, WaitingLine>();
  /** Invocations that run, by depth. */
  readonly #byDepth: number[] = [];
  #running = 0;
  #lent = 0;
  #typicalMs = 0;

  get #waiting(): number {
    let waiting = 0;
    for (const { size } of this.#lines.values()) waiting += size;
    return waiting;
  }

  begin(depth: number): void {
    this.#running += 1;
    this.#byDepth[depth] = this.#at(depth) + 1;
  }

  end(depth: number, tookMs: number): void {
    this.#typicalMs = this.#typicalMs === 0 ? tookMs : this.#typicalMs + WEIGHT * (tookMs - this.#typicalMs);
    this.#leave(depth);
  }

  lend(): void {
    this.#lent += 1;
    this.#grantNext();
  }

  takeBack(): void {
    this.#lent -= 1;
  }

  admit(loaded: Loaded, admit: Admit, maxWaiting: number): Admitted | Promise<Admitted> {
    const { invocation, function: info } = loaded;
    const depth = invocation.callers.length;
    const take = (): Admitted | Promise<Admitted> => this.#reserved(depth, admit(lentPlace(loaded)));
    if (this.#hasRoom(depth)) return take();
    const explain = (): string =>
      `${info.name} has more to do than it can in time: ${this.concurrency} under way, ${this.#waiting} calls from functions waiting`;
    let line = this.#lines.get(depth);
    if (!line) this.#lines.set(depth, (line = new WaitingLine(maxWaiting)));
    const work = { typicalMs: this.#typicalMs, capacity: this.concurrency };
    return waitForPlace({ line, loaded, work, take, explain }).then((admitted) => admitted);
  }

  /** Who waits for its turn to begin counts as one that runs: others would come for its place. */
  #reserved(depth: number, admitted: Admitted | Promise<Admitted>): Admitted | Promise<Admitted> {
    if (!(admitted instanceof Promise)) return admitted;
    this.begin(depth);
    return admitted.finally(() => this.#leave(depth));
  }

  #leave(depth: number): void {
    this.#running -= 1;
    this.#byDepth[depth] = this.#at(depth) - 1;
    this.#grantNext();
  }

  #grantNext(): void {
    for (const [depth, line] of this.#lines) {
      for (let next = line.next(); next && this.#hasRoom(depth); next = line.next()) {
        line.grant(next, performance.now());
      }
    }
  }

  /** Invariants 2 and 3. */
  #hasRoom(depth: number): boolean {
    return !this.#isBusy && this.#at(depth) < this.concurrency;
  }

  /** As many run as may, those that only wait for others not counted. */
  get #isBusy(): boolean {
    return this.#running - this.#lent >= this.concurrency;
  }

  #at(depth: number): number {
    return this.#byDepth[depth] ?? 0;
  }
}

/** It takes a place even where there is none. */
function lentPlace(loaded: Loaded): Loaded {
  loaded.invocation.hasLentPlace = true;
  return loaded;
}

function tooDeep(callers: readonly string[]): BottleError {
  const message = `functions call each other more than ${MAX_CALL_DEPTH} deep: ${callers.join(' → ')}`;
  return new BottleError(Code.FAILED_PRECONDITION, 'call-depth', message, {
    httpStatus: 508,
    details: { chain: callers },
  });
}
