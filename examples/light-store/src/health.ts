import { defineFunction } from 'bottle-sdk';
import { allItems } from './catalogue.ts';

/** GET /health */
export const health = defineFunction.http(() => ({ status: 'ok', items: allItems().length }));
