import { defineFunction } from 'bottle-sdk';

export const hello = defineFunction.http(() => 'hello');
