import type { CallOptions } from '../resource-calls.ts';

/** What a value is after a way through JSON: a Date is text, bytes alone stay bytes. */
export type Jsonified<Value> = Value extends Uint8Array
  ? Buffer
  : Value extends { toJSON(): infer Json }
    ? Json
    : Value extends object
      ? { [Key in keyof Value]: Jsonified<Value[Key]> }
      : Value;

type AnyFunction = (...args: never[]) => unknown;
type EventOf<Function> = Function extends (ctx: never, event: infer Event, ...rest: never[]) => unknown
  ? Event
  : unknown;
type ResultOf<Function extends AnyFunction> = Promise<Jsonified<Awaited<ReturnType<Function>>>>;

/** A function of the platform, seen by who calls it. */
export type RemoteFunction<Function extends AnyFunction> =
  undefined extends EventOf<Function>
    ? (event?: EventOf<Function>, options?: CallOptions) => ResultOf<Function>
    : (event: EventOf<Function>, options?: CallOptions) => ResultOf<Function>;

/**
 * A client with the names and types of the functions themselves:
 * `FunctionClient<typeof stock>` after `import type * as stock from './functions/stock.ts'`. What is no function is left
 * out.
 */
export type FunctionClient<Functions> = {
  readonly [Name in keyof Functions as Functions[Name] extends AnyFunction
    ? Name
    : never]: Functions[Name] extends AnyFunction ? RemoteFunction<Functions[Name]> : never;
};

/** Calls functions by the names of its properties. */
export function createFunctionClient<Functions>(
  invoke: (name: string, event: unknown, options: CallOptions | undefined) => Promise<unknown>,
): FunctionClient<Functions> {
  return new Proxy(Object.create(null) as FunctionClient<Functions>, {
    get(_target, name) {
      // Not a promise, although whoever awaits it asks.
      if (typeof name === 'symbol' || name === 'then') return undefined;
      return (event: unknown, options?: CallOptions) => invoke(name, event, options);
    },
  });
}
