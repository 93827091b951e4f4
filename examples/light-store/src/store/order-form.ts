import { FieldProblems } from './field-problems.ts';

const PAYMENTS = ['invoice', 'cash-on-delivery'] as const;

/** What a customer fills in at the checkout. */
export interface OrderForm {
  name: string;
  email: string;
  address: { street: string; postalCode: string; city: string; country: string };
  payment: (typeof PAYMENTS)[number];
  /** What the cart cost when the customer saw it. Prices move: without this, an order costs what they are by then. */
  expectedTotal?: number;
}

interface TextRule {
  max: number;
  pattern?: RegExp;
  expected?: string;
}

/** A request body as an order form. Throws INVALID_ARGUMENT that names every mistake in it. */
export function parseOrderForm(body: unknown): OrderForm {
  const problems = new FieldProblems();
  if (!isRecord(body)) {
    problems.add('body', 'expected a JSON object');
    problems.throwIfAny('invalid-order');
  }
  const form = isRecord(body) ? body : {};
  const address = isRecord(form['address']) ? form['address'] : {};
  const text = (field: string, value: unknown, rule: TextRule): string => readText(field, value, rule, problems);
  const parsed: OrderForm = {
    name: text('name', form['name'], { max: 100 }),
    email: text('email', form['email'], {
      max: 254,
      pattern: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
      expected: 'an e-mail address',
    }),
    address: {
      street: text('address.street', address['street'], { max: 200 }),
      postalCode: text('address.postalCode', address['postalCode'], { max: 12 }),
      city: text('address.city', address['city'], { max: 100 }),
      country: text('address.country', address['country'], {
        max: 2,
        pattern: /^[A-Z]{2}$/,
        expected: 'two capital letters (ISO 3166)',
      }),
    },
    payment: readPayment(form['payment'], problems),
  };
  const { expectedTotal } = form;
  if (expectedTotal !== undefined) {
    if (isAmount(expectedTotal)) parsed.expectedTotal = expectedTotal;
    else problems.add('expectedTotal', 'expected a whole number of minor units');
  }
  problems.throwIfAny('invalid-order');
  return parsed;
}

function readText(field: string, value: unknown, rule: TextRule, problems: FieldProblems): string {
  const text = typeof value === 'string' ? value.trim() : '';
  if (text === '') problems.add(field, 'is required');
  else if (rule.pattern && !rule.pattern.test(text)) problems.add(field, `expected ${rule.expected ?? 'another form'}`);
  else if (text.length > rule.max) problems.add(field, `expected at most ${rule.max} characters`);
  return text;
}

function readPayment(value: unknown, problems: FieldProblems): OrderForm['payment'] {
  const payment = PAYMENTS.find((known) => known === value);
  if (!payment) problems.add('payment', `expected ${PAYMENTS.join(' or ')}`);
  return payment ?? 'invoice';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAmount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
