import { defineFunction, type FaaSContext } from 'bottle-sdk';
import { begins, neverBegan } from './begun.ts';
import { busy } from './busy.ts';

/** Five milliseconds of CPU, whatever brought it. */
export function cpu({ requestId }: FaaSContext): { ok: boolean } {
  begins(requestId);
  busy(5);
  return { ok: true };
}

export const begun = defineFunction.http((_ctx, asked: string[]) => neverBegan(asked));
