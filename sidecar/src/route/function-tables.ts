import type { ErrorReport, FunctionState, FunctionInfo, FunctionTable__Output } from '@bottle/protos';
import type { Invocation, Routed } from '../layer.ts';
import { Router } from './router.ts';

/** The table that the runtime announced last, and its routes. */
export class FunctionTables {
  #table: FunctionTable__Output | undefined;
  #router: Router | undefined;
  #states = new Map<string, { state: FunctionState; reason: string; reportJson: string }>();

  /** Undefined until the first announcement. */
  get router(): Router | undefined {
    return this.#router;
  }

  get table(): FunctionTable__Output | undefined {
    return this.#table;
  }

  /** Replaces the table whole. Routes are compiled first, so that a table that does not compile changes nothing. */
  apply(table: FunctionTable__Output): void {
    this.#router = new Router(table);
    this.#table = table;
    const stateOf = ({ state, stateReason: reason, stateReportJson: reportJson }: FunctionInfo) => ({
      state,
      reason,
      reportJson,
    });
    this.#states = new Map(table.functions.map((info) => [info.name, stateOf(info)]));
  }

  /** Finds the function. Call it only once `router` is there. */
  route(invocation: Invocation): Routed {
    if (!this.#router) throw new Error('route() before the first table');
    return this.#router.route(invocation);
  }

  stateOf(name: string): FunctionState | undefined {
    return this.#states.get(name)?.state;
  }

  /** What its developer gets to see of why it is not ready. */
  reportOf(name: string): ErrorReport | undefined {
    const json = this.#states.get(name)?.reportJson ?? '';
    return json === '' ? undefined : (JSON.parse(json) as ErrorReport);
  }

  reasonOf(name: string): string {
    return this.#states.get(name)?.reason ?? '';
  }
}
