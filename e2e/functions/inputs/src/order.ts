import { defineFunction } from 'bottle-sdk';
import { z } from 'zod';

const orderSchema = z.object({ id: z.string(), lines: z.array(z.object({ quantity: z.coerce.number().min(1) })) });

export const order = defineFunction.http({ input: orderSchema }, (_ctx, { id, lines }) => ({
  id,
  total: lines.reduce((sum, { quantity }) => sum + quantity, 0),
}));
