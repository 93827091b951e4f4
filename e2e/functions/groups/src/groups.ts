import { bottle, defineFunction } from 'bottle-sdk';

interface Price {
  item: string;
  cents: number;
  pid: number;
}

export const show = defineFunction.http(async (ctx) => ({
  price: await bottle.rpc.invoke<Price>('price', { item: ctx.params['id'] }),
  pid: process.pid,
}));

export const list = defineFunction.http(() => ({ items: ['lamp'], pid: process.pid }));

export const price = defineFunction.event<{ item: string }, Price>((_ctx, { item }) => ({
  item,
  cents: 8_900,
  pid: process.pid,
}));
