import { alignedTable } from './aligned-table.ts';

/** A function as /functions and `--check` describe it. */
export interface CheckedFunction {
  name: string;
  handler: string;
  state: string;
  reason?: string;
  timeoutMs: number;
  concurrency: number;
  idempotent: boolean;
  http: { methods: string[]; path: string; host?: string; stream?: boolean }[];
}

/** An aligned table, one line per route. */
export function functionTable(functions: readonly CheckedFunction[]): string {
  const rows = functions.flatMap((info) => {
    const routes = info.http.length > 0 ? info.http : [undefined];
    return routes.map((route, index) => [
      index === 0 ? info.name : '',
      route
        ? `${route.methods.join(',')} ${route.host ?? ''}${route.path}${route.stream ? ' (stream)' : ''}`
        : '(no route)',
      index === 0 ? info.handler : '',
      index === 0 ? `${info.timeoutMs / 1000} s` : '',
      index === 0 ? String(info.concurrency) : '',
      index === 0 ? info.state : '',
    ]);
  });
  return alignedTable([['FUNCTION', 'ROUTE', 'HANDLER', 'TIMEOUT', 'CONCURRENCY', 'STATE'], ...rows]);
}
