import { type CloudEvent, defineFunction } from 'bottle-sdk';
import { FieldProblems } from '../store/field-problems.ts';
import type { Payment } from '../store/payments.ts';

/**
 * A CloudEvent of the payment provider: the order that it is about is its subject. Providers tell at least once, so it has to
 * be right to be told twice. The status decides whether they tell again: they do after 503, not after 404 or 422.
 * The answer is an event, too: that the order is paid, and since when.
 */
export const paymentSucceeded = defineFunction.cloudEvent(async (ctx, event) => {
  const payment = await ctx.store.payments.record(paymentOf(event));
  const { orderId, paidAt } = payment;
  ctx.logger.info({ orderId, paidAt, eventId: event.id }, 'order paid');
  return {
    specversion: '1.0',
    type: 'com.example.order.paid',
    source: '/light-store',
    subject: orderId,
    data: payment,
  };
});

function paymentOf({ subject, time, data }: CloudEvent): Payment {
  const problems = new FieldProblems();
  const { amount, currency } = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
  if (subject === undefined) problems.add('subject', 'expected the id of an order');
  if (!Number.isInteger(amount) || Number(amount) < 0) problems.add('data.amount', 'expected a whole number of cents');
  if (typeof currency !== 'string') problems.add('data.currency', 'expected a currency, such as "EUR"');
  problems.throwIfAny('invalid-payment');
  const paidAt = new Date(time ?? Date.now()).toISOString();
  return { orderId: subject ?? '', amount: Number(amount), currency: String(currency), paidAt };
}
