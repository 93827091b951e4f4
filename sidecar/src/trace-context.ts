// W3C Trace Context and Baggage, as they come from outside. What is not valid is dropped: it would travel on, to
// functions, logs, brokers and other services.

/** version-trace-parent-flags, not all zeros; version ff is forbidden. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** What the specification makes every platform carry; more is nobody's right. */
const MAX_BAGGAGE_BYTES = 8_192;
const MAX_BAGGAGE_MEMBERS = 64;
const PRINTABLE = /^[\x20-\x7e\t]*$/;

/** The value, or '' when it is not a `traceparent`. */
export function validTraceparent(value: string | undefined): string {
  return value !== undefined && value.length === 55 && TRACEPARENT.test(value) ? value : '';
}

/** The value, or '' when it is longer than anybody must carry, or has characters that no header may have. */
export function validBaggage(value: string | undefined): string {
  if (value === undefined || value.length > MAX_BAGGAGE_BYTES || !PRINTABLE.test(value)) return '';
  let members = 1;
  for (let at = value.indexOf(','); at !== -1; at = value.indexOf(',', at + 1)) members += 1;
  return members <= MAX_BAGGAGE_MEMBERS ? value : '';
}
