import { defineFunction } from 'bottle-sdk';
import { noted } from './begun.ts';

/** Asks a dependency that takes its time. */
export const calling = defineFunction.http((ctx) =>
  noted(ctx, async () => {
    const response = await ctx.bottle.http('slow').fetch(`/?ms=${String(ctx.query['wait'] ?? '0')}`);
    return { status: response.status, text: await response.text() };
  }),
);
