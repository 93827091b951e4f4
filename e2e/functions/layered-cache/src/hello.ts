import { defineFunction } from 'bottle-sdk';

export const hello = defineFunction.http((ctx) => `begun ${ctx.begun} times`);
