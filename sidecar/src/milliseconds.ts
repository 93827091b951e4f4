import { z } from 'zod';

/** No timer of Node.js is longer: 24 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A setting that a timer obeys. */
export const milliseconds: z.ZodInt = z.int().min(0).max(MAX_TIMER_MS);
