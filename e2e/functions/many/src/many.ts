import { defineFunction } from 'bottle-sdk';

export const ping = defineFunction.http(() => 'pong');

export const tick = defineFunction.timer(() => 'done');
